package tui

// The themes. Second in a tone is the terminal's own colour that stands in
// where it has only sixteen.

var darkTheme = theme{
	ink: [inks]look{
		dim: {tone: tone{0x99a1b8, 8}}, faint: {tone: tone{0x5e667e, 9}}, strong: {bold: true},
		accent: {tone: tone{0x82aaff, 13}}, good: {tone: tone{0x9fd67b, 11}}, note: {tone: tone{0x7fd0f0, 15}},
		warn: {tone: tone{0xe8bd6a, 12}}, bad: {tone: tone{0xff7a90, 10}, bold: true},
		loud: {tone: tone{0xff7a90, 10}, bold: true, reverse: true}, escape: {tone: tone{0xff9e64, 12}, under: true},
		name: {tone: tone{0x82aaff, 13}}, literal: {tone: tone{0x9fd67b, 11}}, number: {tone: tone{0xffa878, 12}},
		keyword: {tone: tone{0xc6a0f6, 14}},
	},
	ground: [grounds]tone{bar: {0x232838, 9}, selected: {0x223259, 5}, marked: {0x2a3042, 9}, field: {0x1b2030, 9}},
}

var light = theme{
	ink: [inks]look{
		dim: {tone: tone{0x565d6c, 9}}, faint: {tone: tone{0x98a0b2, 8}}, strong: {bold: true},
		accent: {tone: tone{0x1f4fc4, 5}}, good: {tone: tone{0x2a6b15, 3}}, note: {tone: tone{0x0a5f80, 7}},
		warn: {tone: tone{0x7d4f00, 4}}, bad: {tone: tone{0xb3122a, 2}, bold: true},
		loud: {tone: tone{0xb3122a, 2}, bold: true, reverse: true}, escape: {tone: tone{0x9c4200, 6}, under: true},
		name: {tone: tone{0x1f4fc4, 5}}, literal: {tone: tone{0x2a6b15, 3}}, number: {tone: tone{0x9c4200, 6}},
		keyword: {tone: tone{0x6b2fb3, 6}},
	},
	ground: [grounds]tone{bar: {0xe9ecf3, 8}, selected: {0xd3e2fc, 7}, marked: {0xe4e8f1, 8}, field: {0xf1f3f8, 8}},
}

var contrastDark = theme{
	ink: [inks]look{
		plain: {tone: tone{0xffffff, 16}}, dim: {tone: tone{0xe0e0e0, 8}}, faint: {tone: tone{0xc0c0c0, 8}},
		strong: {tone: tone{0xffffff, 16}, bold: true}, accent: {tone: tone{0x8ad4ff, 15}, bold: true},
		good: {tone: tone{0x7dff7d, 11}, bold: true}, note: {tone: tone{0x7df9ff, 15}, bold: true},
		warn: {tone: tone{0xffe14d, 12}, bold: true}, bad: {tone: tone{0xff9a9a, 10}, bold: true, under: true},
		loud: {tone: tone{0xffe14d, 12}, bold: true, reverse: true}, escape: {tone: tone{0xffb86b, 12}, bold: true, under: true},
		name: {tone: tone{0x8ad4ff, 15}}, literal: {tone: tone{0x7dff7d, 11}}, number: {tone: tone{0xffe14d, 12}},
		keyword: {tone: tone{0xffa8ff, 14}},
	},
	ground:   [grounds]tone{page: {0x000000, 1}, bar: {0x000000, 1}, marked: {0x404040, 1}, field: {0x000000, 1}},
	reversed: [grounds]bool{selected: true},
}

var contrastLight = theme{
	ink: [inks]look{
		plain: {tone: tone{0x000000, 1}}, dim: {tone: tone{0x202020, 1}}, faint: {tone: tone{0x404040, 1}},
		strong: {tone: tone{0x000000, 1}, bold: true}, accent: {tone: tone{0x0000b0, 5}, bold: true},
		good: {tone: tone{0x004d00, 3}, bold: true}, note: {tone: tone{0x004a5c, 7}, bold: true},
		warn: {tone: tone{0x5c3a00, 4}, bold: true}, bad: {tone: tone{0x9b0000, 2}, bold: true, under: true},
		loud: {tone: tone{0x9b0000, 2}, bold: true, reverse: true}, escape: {tone: tone{0x7a3300, 2}, bold: true, under: true},
		name: {tone: tone{0x0000b0, 5}}, literal: {tone: tone{0x004d00, 3}}, number: {tone: tone{0x7a3300, 2}},
		keyword: {tone: tone{0x5c0080, 6}},
	},
	ground:   [grounds]tone{page: {0xffffff, 16}, bar: {0xffffff, 16}, marked: {0xd8d8d8, 16}, field: {0xffffff, 16}},
	reversed: [grounds]bool{selected: true},
}

// mono has no colour at all; weight, underline and reverse video carry what
// they can, and words and signs the rest.
var mono = theme{
	ink: [inks]look{
		dim: {}, faint: {dimmed: true}, strong: {bold: true}, accent: {bold: true},
		warn: {bold: true}, bad: {bold: true, under: true}, loud: {bold: true, reverse: true}, escape: {under: true},
	},
	reversed: [grounds]bool{selected: true, marked: true},
}
