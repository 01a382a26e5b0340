// The scenarios' steps, performed with what a real browser offers. The twin of
// play.go: a test compares what the two see and send.

const localhost = 'http://localhost', loopback = 'http://127.0.0.1';

const otherName = (origin) => origin.startsWith(localhost)
  ? loopback + origin.slice(localhost.length)
  : localhost + origin.slice(loopback.length);

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Player {
  constructor(api, speed, run) {
    Object.assign(this, { api, speed, run, storage: {} });
  }

  // play performs a scenario; tell, when given, hears of each outcome at once.
  async play(scenario, tell = () => {}) {
    this.storage = {};
    const all = [];
    for (const step of scenario.steps) {
      await sleep((step.pause ?? 0) / this.speed);
      const copies = Array.from({ length: step.together ?? 1 }, (_, i) => this.attempt(step, i + 1, tell));
      for (const outcomes of await Promise.all(copies)) all.push(...outcomes);
    }
    return all.map((outcome) => ({ scenario: scenario.id, ...outcome }));
  }

  // attempt refreshes the token on a readable 401 and tries once more.
  async attempt(step, n, tell) {
    const all = [];
    const note = ({ saw, status }, what) => {
      all.push({ step: what, saw });
      tell({ step: what, saw });
      return status;
    };
    const status = note(await this.once(step, n), step.name);
    if (status !== 401 || !step.refresh) return all;
    const refreshed = note(await this.once(step.refresh, n), `${step.name} · ${step.refresh.name}`);
    if (refreshed === 200) note(await this.once(step, n), `${step.name} · again`);
    return all;
  }

  once(step, n) {
    const url = this.url(step, n);
    switch (step.api) {
      case 'xhr': return this.xhr(step, url);
      case 'img': return this.element('img', url);
      case 'script': return this.element('script', url);
      case 'frame': return this.element('iframe', url);
      case 'eventsource': return this.events(step, url);
      case 'websocket': return this.socket(step, url);
    }
    return this.fetch(step, url);
  }

  url(step, n) {
    const api = step.elsewhere ? otherName(this.api) : this.api;
    return api + step.path.replace('{n}', n).replace('{run}', this.run);
  }

  headers(step) {
    const list = [...(step.headers ?? [])];
    if (step.bearer) list.push(['Authorization', `Bearer ${this.storage[step.bearer]}`]);
    return list;
  }

  body(step) {
    return step.size ? 'x'.repeat(step.size) : step.body;
  }

  async fetch(step, url) {
    const options = { method: step.method, headers: this.headers(step), body: this.body(step) };
    if (step.credentials) options.credentials = step.credentials;
    if (step.mode) options.mode = step.mode;
    if (step.giveUp) {
      const patience = new AbortController();
      options.signal = patience.signal;
      setTimeout(() => patience.abort(), step.giveUp / this.speed);
    }
    let response;
    try {
      response = await fetch(url, options);
    } catch (error) {
      return { saw: `${error.name}: ${error.message}` };
    }
    let saw = response.type === 'opaque' ? 'opaque' : String(response.status);
    if (response.redirected) saw += ' redirected';
    for (const name of step.read ?? []) saw += ` ${name.toLowerCase()}=${response.headers.get(name)}`;
    try {
      saw += this.parse(step, await response.text());
    } catch (error) {
      saw += `, ${error.name}: ${error.message}`;
    }
    return { saw, status: response.status };
  }

  // parse keeps what the step wants kept. It throws what JSON.parse throws.
  parse(step, text) {
    if (!step.json) return '';
    const value = JSON.parse(text);
    for (const [name, field] of Object.entries(step.keep ?? {})) {
      if (typeof value?.[field] === 'string') this.storage[name] = value[field];
    }
    return '';
  }

  xhr(step, url) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open(step.method ?? 'GET', url);
      for (const [name, value] of this.headers(step)) request.setRequestHeader(name, value);
      request.withCredentials = step.credentials === 'include';
      request.onerror = () => done({ saw: 'error event, status 0' });
      request.onload = () => {
        let saw = String(request.status);
        for (const name of step.read ?? []) saw += ` ${name.toLowerCase()}=${request.getResponseHeader(name)}`;
        try {
          saw += this.parse(step, request.responseText);
        } catch (error) {
          saw += `, ${error.name}: ${error.message}`;
        }
        done({ saw, status: request.status });
      };
      request.send(this.body(step));
    });
  }

  element(tag, url) {
    return new Promise((done) => {
      const element = document.createElement(tag);
      element.hidden = true;
      const end = (saw) => () => {
        element.remove();
        done({ saw });
      };
      element.onload = end('load');
      element.onerror = end('error');
      element.src = url;
      document.body.append(element);
    });
  }

  events(step, url) {
    return new Promise((done) => {
      const source = new EventSource(url, { withCredentials: step.credentials === 'include' });
      let count = 0;
      source.onmessage = () => {
        if (++count < step.events) return;
        source.close();
        done({ saw: `${count} events` });
      };
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) done({ saw: `${count} events, error` });
      };
    });
  }

  socket(step, url) {
    return new Promise((done) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'));
      const queue = [...(step.send ?? [])];
      let count = 0;
      const next = () => (queue.length ? socket.send(queue.shift()) : socket.close(1000));
      socket.onopen = next;
      socket.onmessage = () => {
        count++;
        next();
      };
      socket.onclose = (event) => done({ saw: `${count} messages, closed ${event.code}` });
    });
  }
}
