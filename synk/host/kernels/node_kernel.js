// The node kernel: runs cells that the host sends and tells what became of them. Node 18 and later, nothing installed.
//
// Cells are evaluated by the inspector inside this process, as the developer tools do: `const` can be declared again and
// `await` stands at the top level. A worker thread reads the control channel, so that it can stop a busy main thread.
'use strict';

const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const fs = require('fs');
const inspector = require('inspector');
const path = require('path');

const CONTROL = 100; // the socket to the host: u32 length, then JSON
const MAX_ITEMS = 100000; // of nested containers in one value
const MAX_DEPTH = 32;
const MAX_TEXT = 1 << 20;
const MAX_REPR = 10000;
const MAX_VALUE_BYTES = 256 << 10; // a larger value goes into a file of the run's folder
const ACK_MS = 20; // a main thread that is free answers an interrupt in less
const CHASE_MS = 100;
const CONTROL_LOST = 70;

if (Number(process.versions.node.split('.')[0]) < 18) {
  console.error(`Node 18 or later is needed; this is ${process.version}`);
  process.exit(1);
}
if (isMainThread) main();
else readControl();

// ---- The worker: reads, passes on, and stops a main thread that does not listen.

function readControl() {
  const shared = new Int32Array(workerData); // [evaluating now, messages about interrupts that were heard, cells ended]
  let session = null; // only while a cell is being stopped: node prints that it waits for a debugger if it ends with one
  let buffered = Buffer.alloc(0);
  // A blocking read would hold up the end of the process, which waits for this thread.
  const socket = new (require('net').Socket)({ fd: CONTROL, readable: true, writable: false });
  socket.on('data', (chunk) => {
    buffered = buffered.length ? Buffer.concat([buffered, chunk]) : chunk;
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
      const end = 4 + buffered.readUInt32LE(0);
      pass(JSON.parse(buffered.toString('utf8', 4, end)));
      buffered = buffered.subarray(end);
    }
  });
  socket.on('end', () => process.kill(process.pid, 'SIGKILL')); // the host is gone
  socket.on('error', () => {}); // user code closed it; the host sees that from its end

  function pass(message) {
    const taken = Atomics.load(shared, 1);
    parentPort.postMessage(message);
    if (message.do !== 'interrupt') return;
    Atomics.wait(shared, 1, taken, ACK_MS);
    if (Atomics.load(shared, 1) !== taken || Atomics.load(shared, 0) !== 1) return;
    const ended = Atomics.load(shared, 2);
    connect();
    // Connecting takes milliseconds on a busy machine: the cell may have come to its end meanwhile, and our own code runs.
    if (Atomics.load(shared, 0) === 1) session.post('Runtime.terminateExecution');
    setTimeout(() => chase(message.cell, ended), CHASE_MS);
  }

  // The end of execution may have hit our own code just behind the cell: then nobody would answer.
  function chase(cell, ended) {
    if (Atomics.load(shared, 2) !== ended) {
      if (session) session.disconnect();
      session = null;
      return;
    }
    const heard = Atomics.load(shared, 1);
    parentPort.postMessage({ do: 'recover', cell });
    setTimeout(() => {
      const isDeaf = Atomics.load(shared, 1) === heard;
      if (isDeaf && Atomics.load(shared, 2) === ended) {
        connect();
        session.post('Runtime.terminateExecution');
      }
      chase(cell, ended);
    }, CHASE_MS);
  }

  function connect() {
    if (session) return;
    session = new inspector.Session();
    session.connectToMainThread();
  }
}

// ---- The main thread.

function main() {
  const util = require('util');
  const { createRequire } = require('module');
  const { pathToFileURL } = require('url');
  const vm = require('vm');
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const session = new inspector.Session();
  session.connect();

  let cell = ''; // id of the cell that runs, "" between cells
  let interrupt = null; // ends the wait of a cell that awaits
  let taken; // the value the inspector handed over last
  let load = (name) => import(name);

  globalThis.__synk = { take: (value) => { taken = value; } };
  let holder = '';
  session.post('Runtime.evaluate', { expression: '__synk' }, (_error, answer) => { holder = answer.result.objectId; });
  delete globalThis.__synk;

  process.on('SIGINT', () => {}); // comes with the host's own message, for the children of user code
  process.on('uncaughtException', (error) => { process.stderr.write(`Uncaught ${util.inspect(error)}\n`); });
  process.on('unhandledRejection', (error) => { process.stderr.write(`Uncaught (in promise) ${util.inspect(error)}\n`); });
  process.on('exit', () => { if (cell) send({ is: 'leaving', cell }); });
  const worker = new Worker(__filename, { workerData: shared.buffer, stdin: false });
  worker.on('message', (message) => { obey(message); });
  worker.on('online', () => send({ is: 'warm', pid: process.pid, version: process.version }));

  function obey(message) {
    if (message.do === 'exec') run(message);
    else if (message.do === 'interrupt') {
      Atomics.add(shared, 1, 1);
      Atomics.notify(shared, 1);
      if (interrupt && message.cell === cell) interrupt();
    } else if (message.do === 'recover') {
      Atomics.add(shared, 1, 1);
      if (message.cell !== cell || !cell) return;
      if (interrupt) interrupt();
      setTimeout(() => {
        if (message.cell === cell) finish({ is: 'done', ok: false, value: null, error: null, interrupted: true, images: [] });
      }, CHASE_MS / 2);
    } else if (message.do === 'claim') claim(message);
    else if (message.do === 'complete') complete(message);
    else if (message.do === 'ping') send({ is: 'pong', cell: message.cell || '' });
    else if (message.do === 'shutdown') process.exit(0);
  }

  function claim(message) {
    let error = '';
    if (message.environment) {
      for (const name of Object.keys(process.env)) delete process.env[name];
      Object.assign(process.env, message.environment);
    }
    try {
      if (message.cwd) process.chdir(message.cwd);
    } catch (problem) {
      error = `Cannot enter ${message.cwd}: ${problem.code}`;
    }
    const base = path.join(process.cwd(), 'cell.js');
    globalThis.require = createRequire(base);
    globalThis.module = { exports: {}, paths: globalThis.require.resolve.paths('x') };
    globalThis.exports = globalThis.module.exports;
    load = loader(base, vm, pathToFileURL);
    Object.defineProperty(globalThis, '__import', { value: (name) => load(name), configurable: true });
    send({ is: 'claimed', error });
  }

  // Names of the global scope, declared ones too, or of an object's properties; nothing is called but getters on the way.
  function complete(message) {
    const [, head, begun] = /^(?:(.*)\.)?([\w$]*)$/.exec(message.text) || [];
    const names = new Set();
    const take = (value) => {
      for (let each = value; each !== null && each !== undefined; each = Object.getPrototypeOf(Object(each))) {
        for (const name of Object.getOwnPropertyNames(Object(each))) names.add(name);
      }
    };
    try {
      if (head === undefined && begun !== undefined) {
        take(globalThis);
        session.post('Runtime.globalLexicalScopeNames', {}, (_error, answer) => (answer ? answer.names : []).forEach((name) => names.add(name)));
      } else if (/^[\w$]+(\.[\w$]+)*$/.test(head || '')) {
        session.post('Runtime.evaluate', { expression: head, throwOnSideEffect: true }, (_error, answer) => {
          if (answer && !answer.exceptionDetails) take(fetch(answer.result));
        });
      }
    } catch (error) {
      names.clear();
    }
    const found = [...names].filter((name) => name.startsWith(begun) && /^[A-Za-z_$][\w$]*$/.test(name)).sort().slice(0, 500);
    send({ is: 'completions', ask: message.ask, names: found.map((name) => (head === undefined ? name : `${head}.${name}`)) });
  }

  async function run(message) {
    cell = message.cell;
    send({ is: 'started', cell });
    const begun = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const done = { is: 'done', cell, ok: false, value: null, error: null, interrupted: false, images: [] };
    const stopped = new Promise((resolve) => { interrupt = () => resolve('interrupted'); });
    const answer = evaluate(message.code, message.cell);
    const outcome = await Promise.race([answer, stopped]);
    interrupt = null;
    try {
      if (outcome === 'interrupted' || outcome.terminated) done.interrupted = true;
      else if (outcome.error) {
        done.error = describe(outcome.error, outcome.details, message.cell, util);
        if (message.want !== 'value') process.stderr.write(`${done.error.text}\n`);
      } else {
        done.ok = true;
        if (message.want === 'value') done.value = fitting(encode(outcome.value, message.max_rows || 200, util), message.folder);
        else if (outcome.value !== undefined) process.stdout.write(`${shown(outcome.value, util)}\n`);
      }
    } catch (problem) {
      done.error = { type: problem.name, message: String(problem.message), frames: [], text: String(problem.stack) };
      done.ok = false;
    }
    const used = process.cpuUsage(cpu);
    done.cpu_ms = (used.user + used.system) / 1000;
    done.ms = Number(process.hrtime.bigint() - begun) / 1e6;
    if (cell === message.cell) finish(done);
  }

  function finish(done) {
    const id = cell;
    cell = '';
    interrupt = null;
    Atomics.store(shared, 0, 0);
    Atomics.add(shared, 2, 1);
    send({ ...done, cell: id });
  }

  function evaluate(code, id) {
    return new Promise((resolve) => {
      const expression = `${withImports(code)}\n//# sourceURL=cell-${id}`;
      Atomics.store(shared, 0, 1);
      session.post('Runtime.evaluate', { expression, replMode: true, awaitPromise: true }, (error, answer) => {
        Atomics.store(shared, 0, 0);
        if (error || !answer) resolve({ terminated: true });
        else if (answer.exceptionDetails) {
          const thrown = answer.exceptionDetails.exception || answer.result;
          resolve({ error: fetch(thrown), details: answer.exceptionDetails });
        } else resolve({ value: fetch(answer.result) });
      });
      Atomics.store(shared, 0, 0);
    });
  }

  // The object itself, of which the inspector only gives a description.
  function fetch(remote) {
    const { type, value, unserializableValue, objectId } = remote;
    const argument = objectId ? { objectId } : unserializableValue ? { unserializableValue } : type === 'undefined' ? {} : { value };
    taken = undefined;
    session.post('Runtime.callFunctionOn', { objectId: holder, functionDeclaration: 'function (v) { this.take(v); }', arguments: [argument] }, () => {});
    const found = taken;
    taken = undefined;
    if (objectId) session.post('Runtime.releaseObject', { objectId }, () => {});
    return found;
  }
}

function send(message) {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  const data = Buffer.alloc(4 + body.length);
  data.writeUInt32LE(body.length, 0);
  body.copy(data, 4);
  let at = 0;
  while (at < data.length) {
    try {
      at += fs.writeSync(CONTROL, data, at);
    } catch (error) {
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      else process.reallyExit(CONTROL_LOST);
    }
  }
}

// `import()` as in a file in the working directory.
function loader(base, vm, pathToFileURL) {
  const option = vm.constants && vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (option) {
    const warn = process.emitWarning;
    process.emitWarning = (text, ...more) => { if (!/USE_MAIN_CONTEXT_DEFAULT_LOADER/.test(text)) warn.call(process, text, ...more); };
    return new vm.Script('(name) => import(name)', { filename: base, importModuleDynamically: option }).runInThisContext();
  }
  const find = require('module').createRequire(base);
  return (name) => import(/^(node:|https?:|data:|file:)/.test(name) || find.resolve.paths(name) === null ? name : pathToFileURL(find.resolve(name)).href);
}

// The inspector cannot import: `import(...)` becomes a call of ours, `import x from 'y'` at the beginning of a line an await of it.
function withImports(code) {
  if (!code.includes('import')) return code;
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|(?<![.\w$])import\b/g;
  let found = '';
  let at = 0;
  for (let match = token.exec(code); match; match = token.exec(code)) {
    if (match[0] !== 'import') continue;
    const rest = code.slice(match.index);
    const call = /^import\s*\(/.exec(rest);
    const statement = /^import\s+(?:([\w$*{},\s]+?)\s+from\s+)?("[^"\n]+"|'[^'\n]+')[ \t]*;?/.exec(rest);
    const isFirst = /(^|[\n;])[ \t]*$/.test(code.slice(0, match.index));
    if (!call && !(statement && isFirst)) continue;
    const [length, text] = call ? [6, '__import'] : [statement[0].length, imported(statement[1], statement[2])];
    found += code.slice(at, match.index) + text;
    at = match.index + length;
    token.lastIndex = at;
  }
  return found + code.slice(at);
}

function imported(names, source) {
  const module = `await __import(${source})`;
  if (!names) return `${module};`;
  const parts = [];
  let rest = names.trim();
  const whole = /^(?:([\w$]+)\s*,\s*)?\*\s+as\s+([\w$]+)$/.exec(rest);
  if (whole) return `const ${whole[2]} = ${module};${whole[1] ? ` const ${whole[1]} = ${whole[2]}.default;` : ''}`;
  const first = /^([\w$]+)\s*,?\s*/.exec(rest);
  if (first) {
    parts.push(`default: ${first[1]}`);
    rest = rest.slice(first[0].length);
  }
  for (const name of rest.replace(/[{}]/g, '').split(',').map((each) => each.trim()).filter(Boolean)) {
    parts.push(name.replace(/\s+as\s+/, ': '));
  }
  return `const { ${parts.join(', ')} } = ${module};`;
}

function shown(value, util) {
  try {
    return util.inspect(value);
  } catch (error) {
    return `<${typeof value}, whose inspection raised ${error && error.name}>`;
  }
}

function encode(value, maxRows, util) {
  const state = { left: MAX_ITEMS, truncated: false, exact: true, seen: new Set() };
  const found = typed(value, state, util, maxRows);
  if (state.truncated) found.truncated = true;
  if (!state.exact) found.is_exact = false;
  return found;
}

function typed(value, state, util, maxRows) {
  if (value === null || value === undefined) return { type: 'none', value: null };
  if (typeof value === 'number' && !Number.isFinite(value)) return { type: 'float', value: String(value), is_exact: false };
  if (typeof value === 'number') return { type: Number.isSafeInteger(value) ? 'int' : 'float', value };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView) && !Buffer.isBuffer(value)) {
    const data = Array.from(value.subarray(0, maxRows), (item) => plain(item, state, util, 1));
    return { type: 'array', data, dtype: value.constructor.name, shape: [value.length], truncated: value.length > maxRows };
  }
  const names = { boolean: 'bool', bigint: 'int', string: 'str' };
  const type = names[typeof value] || (Array.isArray(value) ? 'list' : value instanceof Map ? 'dict' : value instanceof Set ? 'set'
    : value instanceof Date ? 'datetime' : Buffer.isBuffer(value) ? 'bytes' : isPlain(value) || typeof value.toJSON === 'function' ? 'dict' : 'repr');
  const found = { type, value: plain(value, state, util, 0) };
  if (type === 'repr') found.python_type = className(value);
  return found;
}

function plain(value, state, util, depth) {
  if (value === undefined) return null;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    state.exact = false; // JSON has no word for it; null would be a value that is missing
    return String(value);
  }
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) state.truncated = true;
    return value.slice(0, MAX_TEXT);
  }
  if (typeof value === 'bigint') {
    const small = Number(value);
    if (Number.isSafeInteger(small)) return small;
    state.exact = false;
    return value.toString();
  }
  if (typeof value !== 'object' || depth > MAX_DEPTH || state.seen.has(value)) return asText(value, state, util);
  state.seen.add(value);
  try {
    if (Array.isArray(value) || value instanceof Set) return items(value, state, util, depth);
    if (value instanceof Map) return pairs([...value.entries()].map(([key, item]) => [typeof key === 'string' ? key : shown(key, util), item]), state, util, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Buffer.isBuffer(value)) {
      state.exact = false;
      return value.subarray(0, MAX_TEXT).toString('hex');
    }
    if (typeof value.toJSON === 'function') return plain(value.toJSON(), state, util, depth + 1);
    if (isPlain(value)) return pairs(Object.entries(value), state, util, depth);
    return asText(value, state, util);
  } catch (error) {
    return asText(value, state, util);
  } finally {
    state.seen.delete(value);
  }
}

function items(values, state, util, depth) {
  const found = [];
  for (const item of values) {
    if (state.left-- <= 0) {
      state.truncated = true;
      break;
    }
    found.push(plain(item, state, util, depth + 1));
  }
  return found;
}

function pairs(entries, state, util, depth) {
  const found = {};
  for (const [key, item] of entries) {
    if (state.left-- <= 0) {
      state.truncated = true;
      break;
    }
    Object.defineProperty(found, key, { value: plain(item, state, util, depth + 1), enumerable: true, configurable: true });
  }
  return found;
}

function asText(value, state, util) {
  state.exact = false;
  return shown(value, util).slice(0, MAX_REPR);
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function className(value) {
  return typeof value === 'function' ? 'Function' : (value.constructor && value.constructor.name) || typeof value;
}

function fitting(value, folder) {
  const text = JSON.stringify(value);
  if (text.length <= MAX_VALUE_BYTES) return value;
  const small = { type: value.type, value: null, truncated: true, bytes: text.length };
  if (folder) {
    fs.writeFileSync(path.join(folder, 'value.json'), text, { flag: 'wx', mode: 0o600 });
    small.file = 'value.json';
  }
  return small;
}

// An exception as an object: frames of node and of ours are left out.
function describe(error, details, id, util) {
  const isError = error instanceof Error || (error && typeof error === 'object' && typeof error.stack === 'string');
  if (!isError) return { type: typeof error, message: shown(error, util), frames: [], cause: null, context: null, text: `Uncaught ${shown(error, util)}` };
  const lines = String(error.stack).split('\n');
  const inner = lines.findIndex((line) => /\(node:inspector/.test(line));
  const kept = (inner < 0 ? lines : lines.slice(0, inner)).filter((line) => !line.includes(__filename));
  const frames = [];
  for (const line of kept) {
    const match = /^\s+at (?:(.*?) \()?(.+?):(\d+):(\d+)\)?$/.exec(line);
    if (match && !match[2].startsWith('node:')) frames.unshift({ file: match[2], line: Number(match[3]), function: match[1] || '<cell>', source: '' });
  }
  const found = {
    type: error.name, message: String(error.message), frames, cause: null, context: null, is_suppressed: false, notes: [], group: [],
    syntax: null, text: kept.join('\n'),
  };
  if (typeof error.code === 'string') found.code = error.code;
  if (error.cause !== undefined && error.cause !== null) found.cause = describe(error.cause, null, id, util);
  if (Array.isArray(error.errors)) found.group = error.errors.slice(0, 20).map((each) => describe(each, null, id, util));
  if (error.name === 'SyntaxError' && details && !frames.length) {
    found.syntax = { file: `cell-${id}`, line: details.lineNumber + 1, column: details.columnNumber + 1, end_column: null, text: null };
  }
  return found;
}
