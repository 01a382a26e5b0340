//go:build !unix

package session

import "errors"

func hitSizeLimit(string, func(...any), func() string) error { return errors.ErrUnsupported }
func haveNoRight(string, func(...any), func() string) error  { return errors.ErrUnsupported }
