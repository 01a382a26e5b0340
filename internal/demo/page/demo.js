import { Player } from './play.js';

const $ = (id) => document.getElementById(id);

const config = await (await fetch('scenarios.json')).json();
const asked = new URLSearchParams(location.search).get('api');
const api = (asked ?? config.api).replace(/\/$/, '');
let run = 0;

function describeWhere() {
  const proxied = asked !== null || config.proxied;
  $('where').textContent = proxied
    ? `The requests go to ${api}, where corsdash listens.`
    : `The requests go straight to the backend at ${api}: corsdash sees none of them. Open this page with ?api= and the address where corsdash listens.`;
  $('where').classList.toggle('warning', !proxied);
}

function card(scenario) {
  const element = $('card').content.firstElementChild.cloneNode(true);
  element.id = scenario.id;
  element.classList.toggle('healthy', scenario.healthy);
  element.querySelector('h2').textContent = scenario.title;
  element.querySelector('.stack').textContent = scenario.stack;
  element.querySelector('.browser').textContent = scenario.browser;
  element.querySelector('.lesson').textContent = scenario.lesson;
  element.querySelector('button').onclick = () => perform(scenario);
  return element;
}

function line({ step, saw }) {
  const item = document.createElement('li');
  const code = document.createElement('code');
  code.textContent = saw;
  item.className = /^\d|^load|^opaque/.test(saw) && !/^0 |error/i.test(saw) ? 'read' : 'refused';
  item.append(`${step}: `, code);
  return item;
}

async function perform(scenario) {
  const element = $(scenario.id);
  const button = element.querySelector('button');
  const saw = element.querySelector('.saw');
  saw.replaceChildren();
  button.disabled = true;
  try {
    const player = new Player(api, config.speed, `${Date.now()}-${++run}`);
    return await player.play(scenario, (outcome) => saw.append(line(outcome)));
  } finally {
    button.disabled = false;
  }
}

// runAll performs scenarios one after the other and returns their outcomes.
async function runAll(list = config.scenarios) {
  const all = [];
  for (const [i, scenario] of list.entries()) {
    $('progress').textContent = `${i + 1} of ${list.length}`;
    all.push(...await perform(scenario));
  }
  $('progress').textContent = 'done';
  return all;
}

function find() {
  const words = $('find').value.toLowerCase();
  for (const scenario of config.scenarios) {
    const text = Object.values(scenario).filter((v) => typeof v === 'string').join(' ').toLowerCase();
    $(scenario.id).hidden = !text.includes(words);
  }
}

describeWhere();
$('list').append(...config.scenarios.map(card));
$('find').oninput = find;
for (const [id, wanted] of [['all', () => true], ['broken', (s) => !s.healthy]]) {
  $(id).onclick = async () => {
    $(id).disabled = true;
    await runAll(config.scenarios.filter(wanted));
    $(id).disabled = false;
  };
}
window.setDemoReady(runAll);
