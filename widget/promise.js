// <delivery-promise>: when it arrives, and until when to order for that. How it is used: docs/widget.md.
//
// Sentences about dates come from the server, whole and in the shopper's language. Here is the clock that counts them
// down, the dialog for the postal code, and the rule that goes before all: rather nothing than a guess. Whatever goes
// wrong, the page shows what the merchant wrote between the tags.

const API = new URL("../../api/v1/promise", import.meta.url).href;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const TIMEOUT = 2 * SECOND;
/** For how long something that is no longer true may stay while its successor is on the way. */
const PATIENCE = 300;
/** Where a shopper's postal codes are kept, on the shop's own origin. */
const STORED = "delivery-promise";
/** Where postal codes are digits, so that phones offer digits. */
const DIGITS = /AT|AU|BE|CH|DE|ES|FR|IT|MX|US/;

/** Places in what follows. English is the first. */
const LANGUAGES = { de: 1, es: 2 };
/** How many dates are as long as the longest usual sentence, and as what says how sure it is. */
const LONGEST = [
  [7, 2],
  [13, 3],
  [11, 2],
];
const WORDS = {
  delivery: ["Delivery", "Lieferung", "Entrega"],
  pickup: ["Pickup", "Abholung", "Recogida"],
  change: ["Change", "Ändern", "Cambiar"],
  changeCode: ["Change postal code", "Postleitzahl ändern", "Cambiar código postal"],
  enter: ["Enter postal code", "Postleitzahl eingeben", "Introducir código postal"],
  title: ["Where should it go?", "Wohin soll es gehen?", "¿Adónde lo enviamos?"],
  code: ["Postal code", "Postleitzahl", "Código postal"],
  send: ["Show date", "Termin zeigen", "Ver fecha"],
  cancel: ["Cancel", "Abbrechen", "Cancelar"],
  failed: ["That did not work. Try again.", "Das hat nicht geklappt. Bitte noch einmal.", "No ha funcionado. Inténtalo de nuevo."],
};

const STYLE = `
:host { display: block; color: var(--promise-color, inherit); font: var(--promise-font, inherit) }
:host([hidden]) { display: none }
p, h2 { margin: 0 }
.box { position: relative; display: grid }
.box > * { grid-area: 1 / 1; min-width: 0; overflow-wrap: anywhere }
slot { display: block }
.room, .on > slot { visibility: hidden }
.promise { display: none }
.on > .promise { display: block }
.sentence { text-wrap: pretty; font-size: var(--promise-size, 1em); font-weight: var(--promise-weight, 600) }
.meta { display: flex; flex-wrap: wrap; column-gap: 1em; margin-top: .125em; font-size: var(--promise-meta-size, .875em); line-height: max(24px, 1.5em); color: var(--promise-muted, inherit); clip-path: inset(-4px) }
.meta > * { position: relative }
.meta > :empty { display: none }
.meta > * + *::before { content: "·"; position: absolute; inset-inline-start: -.625em }
button, input { font: inherit; color: inherit }
.change { min-width: 24px; padding: 0; background: none; border: 0; color: var(--promise-accent, inherit); text-decoration: underline; cursor: pointer }
:focus-visible { outline: 2px solid var(--promise-focus, currentColor); outline-offset: 1px }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
dialog { box-sizing: border-box; width: min(22rem, 90%); padding: 1.25rem; font-size: 1rem; line-height: 1.5; color: var(--promise-dialog-color, CanvasText); background: var(--promise-dialog-background, Canvas); border: 1px solid GrayText; border-radius: 12px }
dialog::backdrop { background: var(--promise-backdrop, #0007) }
h2 { font-size: 1.125rem; font-weight: 600; margin-bottom: .75rem }
.input, .keys > * { box-sizing: border-box; min-height: 44px; padding: 0 .75rem; background: none; border: 1px solid; border-radius: 8px }
.input { width: 100%; margin-top: .25rem }
.error { min-height: 1.5em; margin-bottom: .5rem; color: var(--promise-error, light-dark(#a3162a, #ff9aa6)) }
.keys { display: flex; flex-wrap: wrap; gap: .5rem }
.keys > * { flex: auto; cursor: pointer }
.send { color: var(--promise-button-color, Canvas); background: var(--promise-button-background, CanvasText) }
@media (prefers-reduced-motion: no-preference) { .on > .promise { animation: come .2s } @keyframes come { 0% { opacity: 0 } } }
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** Made piece by piece and not from a string, since pages may forbid that. */
function make(tag, part = "", properties, ...children) {
  const node = document.createElement(tag);
  properties = { className: part, part, ...properties };
  for (const name in properties) {
    if (name in node) node[name] = properties[name];
    else node.setAttribute(name, properties[name]);
  }
  node.append(...children);
  return node;
}

/** Writes only what differs: text that is selected stays so. */
function write(node, text = "") {
  if (node.textContent !== text) node.textContent = text;
}

/** An ICU message of numbers, of which the server uses names and plurals with two forms. */
function fill(message, values) {
  return message
    .replace(/{(\w+), plural, one {(.*?)} other {(.*?)}}/, (_, name, one, other) => (values[name] === 1 ? one : other).replace("#", values[name]))
    .replace(/{(\w+)}/g, (_, name) => values[name]);
}

/** A sentence of a countdown with so many milliseconds left. */
function say(countdown, name, left) {
  const all = Math.floor(left / MINUTE);
  const values = { hours: Math.floor(all / 60), minutes: all > 60 ? all % 60 : all };
  // Figures stay with their units.
  values.remaining = fill(countdown[all <= 60 ? "minutes" : values.minutes ? "hours_minutes" : "hours"], values).replace(/ /g, "\xa0");
  return fill(countdown[all < 2 ? name + "_now" : name], values);
}

/** Postal codes by country: what was typed counts for the whole page, and for the next one of this shop. */
let typed = {};
try {
  typed = { ...JSON.parse(localStorage[STORED]) };
} catch {
  // Nothing is kept here, or nothing may be.
}

function remember(country, postal) {
  typed[country] = postal;
  try {
    localStorage[STORED] = JSON.stringify(typed);
  } catch {
    // Then for this page only.
  }
}

/** What was asked on this page, by address: elements that ask the same share one request. */
const answers = new Map();

/** An answer that has not expired and is not `old`. */
function ask(url, old) {
  let answer = answers.get(url);
  if (!answer || answer === old || validFor(answer) <= 0) {
    answers.set(url, (answer = {}));
    answer.comes = get(url, true).then(
      (parts) => Object.assign(answer, parts),
      (error) => {
        answers.delete(url);
        throw error;
      },
    );
  }
  return answer.comes;
}

function failure(detail, status) {
  return Object.assign(new Error(detail), { status });
}

async function get(url, mayRetry) {
  let error;
  const ran = performance.now();
  const date = Date.now();
  try {
    // A cache on the way says how old its answer is; a browser's own does not.
    const response = await fetch(url, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(TIMEOUT) });
    const promise = await response.json();
    if (response.ok) return { promise, ran, date, age: SECOND * response.headers.get("age") };
    error = failure(promise.detail, response.status);
  } catch (cause) {
    error = cause;
  }
  if (!mayRetry || error.status < 500) throw error;
  await new Promise((resolve) => setTimeout(resolve, 200 + 400 * Math.random()));
  return get(url);
}

/**
 * What the server's clock shows. Counted from when the answer was asked for, so that it is never behind. Of the two
 * clocks here one may stop while the device sleeps and the other may be set: the one that ran further is right.
 */
function timeOf({ promise, age, ran, date }) {
  return Date.parse(promise.now) + age + Math.max(performance.now() - ran, Date.now() - date);
}

/** For how many milliseconds it may still be shown: the second that is named counts. Not a number until it is there. */
function validFor(answer) {
  return answer.promise ? Date.parse(answer.promise.expires_at) + SECOND - timeOf(answer) : NaN;
}

class DeliveryPromise extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ["api", "channel", "countdown", "country", "currency", "data-key", "key", "locale", "option", "postal", "qty", "sku"];
  static #all = new Set();
  /** What is far below the window is not asked for. */
  static #sight = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (isIntersecting) target.#near = true;
        target.#tick();
      }
    },
    { rootMargin: "200px" },
  );
  static {
    document.addEventListener("visibilitychange", () => this.#all.forEach((element) => element.#tick()));
    addEventListener("resize", () => this.#all.forEach((element) => element.#fit()));
    addEventListener("online", () => this.#all.forEach((element) => element.#again()));
  }

  #internals = this.attachInternals();
  #near = false;
  #isPlanned = false;
  #language = 0;
  #url = "";
  /** The address that is being asked. */
  #asking = null;
  #answer = null;
  #timer = 0;
  #failures = 0;
  #retryAt = 0;
  #isExpired = false;
  /** What was told last, without the countdown, and how long before the cut-off. */
  #told = null;
  #left = 0;
  /** The promise for which room is kept. */
  #measured = null;

  #sentence = make("span");
  #instead = make("span", "heard");
  #place = make("span", "place");
  #change = make("button", "change", { type: "button" });
  #price = make("span", "price");
  #assurance = make("span", "assurance");
  #packages = make("span", "packages");
  #line = make("p", "sentence", {}, this.#sentence, this.#instead);
  #group = make(
    "div",
    "promise",
    { role: "group" },
    this.#line,
    make("p", "meta", {}, this.#place, this.#change, this.#price, this.#assurance, this.#packages),
  );
  #room = make("div", "room", { ariaHidden: "true" });
  #status = make("div", "heard", { role: "status" });
  #box = make("div", "box", {}, make("slot"), this.#room, this.#group, this.#status);

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#box);
    this.#change.onclick = (event) => {
      // A card in a list may be a link as a whole.
      event.preventDefault();
      event.stopPropagation();
      this.#open();
    };
  }

  /** What the server has answered; `null` until it has. */
  get promise() {
    return this.#answer && this.#answer.promise;
  }

  /** Asks again. Resolves to the promise, or `null`. */
  async refresh() {
    await this.#load();
    return this.promise;
  }

  connectedCallback() {
    DeliveryPromise.#all.add(this);
    DeliveryPromise.#sight.observe(this);
    this.attributeChangedCallback();
  }

  disconnectedCallback() {
    DeliveryPromise.#all.delete(this);
    DeliveryPromise.#sight.unobserve(this);
    clearTimeout(this.#timer);
  }

  /** Several attributes that change together are one change. */
  attributeChangedCallback() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#look();
    });
  }

  #look() {
    this.#language = LANGUAGES[this.#locale().slice(0, 2).toLowerCase()] || 0;
    this.#keepRoom();
    const url = this.#address(this.#postal());
    if (url !== this.#url) {
      this.#url = url;
      this.#answer = null;
      this.#internals.setFormValue(null);
      this.#again();
    } else {
      // Another option of the same answer may be wanted.
      this.#tick();
    }
  }

  #again() {
    this.#failures = this.#retryAt = 0;
    this.#tick();
  }

  /** Another width, other lines. */
  #fit() {
    this.#line.style.minHeight = "";
    this.#measured = null;
    this.#tick();
  }

  #get(name) {
    return this.getAttribute(name) || "";
  }

  #say(name) {
    const word = WORDS[name][this.#language];
    return /^en-(GB|IE)/i.test(this.#locale()) ? word.replace("ostal code", "ostcode") : word;
  }

  #locale() {
    const page = this.closest("[lang]");
    return this.#get("locale") || (page ? page.lang : navigator.language);
  }

  #country() {
    return this.#get("country").toUpperCase();
  }

  #postal() {
    return this.#get("postal") || typed[this.#country()] || "";
  }

  /** SKUs and quantities. */
  #lines() {
    const list = (name) => this.#get(name).split(",").map((part) => part.trim());
    const quantities = list("qty");
    return list("sku").map((sku, i) => [sku, quantities[i] || "1"]);
  }

  /** What is asked; empty where something is missing. */
  #address(postal) {
    const key = this.#get("key") || this.#get("data-key");
    const lines = this.#lines();
    if (!key || !lines[0][0] || !this.#country()) return "";
    const query = new URLSearchParams({ key });
    const add = (name, value) => value && query.append(name, value);
    for (const [sku, quantity] of lines) {
      add("sku", sku);
      add("qty", quantity);
    }
    add("country", this.#country());
    add("postal", postal);
    add("channel", this.#get("channel"));
    add("currency", this.#get("currency"));
    add("locale", this.#locale());
    return `${this.#get("api") || API}?${query}`;
  }

  /** Lays something as long as the longest usual answer under what is shown, so that nothing on the page moves. */
  #keepRoom() {
    const postal = this.#postal();
    const lines = this.#lines();
    const [sentence, assurance] = LONGEST[this.#language];
    const dates = (count) => "25. Nov. ".repeat(count);
    let country = this.#country();
    try {
      country = new Intl.DisplayNames(this.#locale(), { type: "region" }).of(country);
    } catch {
      // Not a country; the server will say so.
    }
    // Place, button, price, how sure the date is, and in how many packages.
    const meta = ["nach der " + (postal || country), this.#say(postal ? "change" : "enter"), "$10.00", dates(assurance)];
    if (lines.length > 1 || lines[0][1] > 1) meta.push(dates(2));
    this.#room.replaceChildren(make("p", "sentence", {}, dates(sentence)), make("p", "meta", {}, ...meta.map((text) => make("span", "", {}, text))));
  }

  /** Does what is due now, and comes back when something will be. */
  #tick() {
    clearTimeout(this.#timer);
    if (!this.isConnected || !this.#near || document.hidden || this.#asking === this.#url) return;
    let wait = this.#retryAt - performance.now();
    const valid = this.#answer && validFor(this.#answer);
    if (valid > 0) {
      wait = valid;
      this.#show(this.#untilCutoff());
    } else {
      if (this.#answer && !this.#isExpired) this.#emit("expired");
      this.#isExpired = true;
      if (wait <= 0) return void this.#load();
      // Whether there is still time to order, nobody knows. The date holds until its cut-off.
      if (this.#answer && this.#untilCutoff() > 0) this.#show(NaN);
      else this.#hide();
    }
    const left = this.#answer ? this.#untilCutoff() : 0;
    if (left > 0) wait = Math.min(wait, (left % MINUTE) + 1);
    this.#timer = setTimeout(() => this.#tick(), Math.min(wait, 60 * MINUTE));
  }

  async #load() {
    const url = (this.#asking = this.#url);
    const patience = setTimeout(() => {
      // What has no cut-off has not become wrong.
      if (!this.#answer || this.#untilCutoff() <= -SECOND) this.#hide();
    }, PATIENCE);
    try {
      if (!url) throw failure("key, sku and country are needed", 400);
      const answer = await ask(url, this.#answer);
      // From a cache that has nothing better. Asked at once again it would say the same.
      if (!(validFor(answer) > 0)) throw failure("expired");
      if (url === this.#url) this.#take(answer);
    } catch (error) {
      if (url === this.#url) this.#fail(error);
    }
    clearTimeout(patience);
    if (url === this.#asking) this.#asking = null;
    this.#tick();
  }

  #take(answer) {
    this.#answer = answer;
    this.#isExpired = false;
    this.#failures = this.#retryAt = 0;
    // A form sends what was promised along with what is ordered.
    this.#internals.setFormValue(answer.promise.id || null);
    this.#show(this.#untilCutoff());
  }

  #fail(error) {
    // A wrong key will be wrong again; the network comes back.
    const isLasting = error.status < 500 && error.status !== 429;
    this.#retryAt = isLasting ? Infinity : performance.now() + Math.min(30 * SECOND * 2 ** this.#failures++, 5 * MINUTE);
    this.#emit("error", { error });
  }

  /** The one that is wanted: by its id, `pickup`, or else the first delivery. */
  #option() {
    const { options = [], refused = [] } = this.promise;
    const wanted = this.#get("option") || "delivery";
    return [...options, ...refused].find(({ id, method }) => id === wanted || method === wanted) || {};
  }

  /** Milliseconds; not a number where there is no cut-off. */
  #untilCutoff() {
    return Date.parse(this.#option().cutoff_at) - timeOf(this.#answer);
  }

  /** Says what was answered, with the countdown where `left` is a number. */
  #show(left) {
    const { promise } = this;
    const option = this.#option();
    // Without an option, and where it is refused, the text is one sentence.
    const text = option.text || promise.text || "";
    const { summary = text, accessible = summary, countdown, place, price, assurance, packages } = text;
    const counts = countdown && this.#get("countdown") !== "off";
    this.#box.classList.toggle("on", !!summary);
    if (this.#measured !== promise) {
      this.#measured = promise;
      // What the sentence needs at its longest, it keeps: what is below stays where it is.
      const longest = counts ? [0, 59, 23 * 60, 24 * 60 - 1].map((left) => say(countdown, "sentence", left * MINUTE)) : [summary];
      const heights = longest.map((sentence) => {
        write(this.#sentence, sentence);
        return this.#line.offsetHeight;
      });
      this.#line.style.minHeight = Math.max(...heights) + "px";
    }
    const isCounting = counts && left > -SECOND;
    const sentence = isCounting ? say(countdown, "sentence", left) : summary;
    const heard = isCounting ? say(countdown, "accessible", left) : accessible;
    const isSame = heard === sentence;
    write(this.#sentence, sentence);
    write(this.#instead, isSame ? "" : heard);
    this.#sentence.ariaHidden = isSame ? null : "true";

    const postal = this.#postal();
    const isPickup = option.method === "pickup";
    const mayChange = !(isPickup && postal) && promise.reason !== "unknown_sku";
    this.#group.lang = promise.locale;
    this.#group.ariaLabel = this.#say(isPickup ? "pickup" : "delivery");
    write(this.#place, place || (option.store || {}).name);
    write(this.#change, mayChange ? this.#say(postal ? "change" : "enter") : "");
    this.#change.ariaLabel = this.#say(postal ? "changeCode" : "enter");
    write(this.#price, price);
    write(this.#assurance, assurance);
    write(this.#packages, packages);

    // A countdown that spoke each minute would be a nuisance: it is heard when the date moves, and ten minutes before.
    const isFirst = this.#told === null;
    const hasMoved = !isFirst && this.#told !== accessible;
    if (hasMoved || (this.#left > 10 * MINUTE && left <= 10 * MINUTE)) write(this.#status, heard);
    this.#left = left;
    this.#told = accessible;
    if (isFirst || hasMoved) this.#emit(isFirst ? "ready" : "change");
  }

  /** Shows what the merchant wrote. */
  #hide() {
    this.#box.classList.remove("on");
  }

  #emit(name, more) {
    this.dispatchEvent(new CustomEvent("promise:" + name, { bubbles: true, composed: true, detail: { promise: this.promise, ...more } }));
  }

  /** The dialog for the postal code. */
  #open() {
    const country = this.#country();
    const input = make("input", "input", { id: "code", required: true, maxLength: 12, value: this.#postal(), autocomplete: "postal-code", inputMode: DIGITS.test(country) ? "numeric" : "text", "aria-describedby": "error" });
    const error = make("p", "error", { id: "error", role: "alert" });
    const cancel = make("button", "cancel", { type: "button" }, this.#say("cancel"));
    const send = make("button", "send", {}, this.#say("send"));
    const title = make("h2", "title", { id: "title" }, this.#say("title"));
    const label = make("label", "label", { htmlFor: "code" }, this.#say("code"));
    const form = make("form", "form", {}, title, label, input, error, make("div", "keys", {}, cancel, send));
    const dialog = make("dialog", "dialog", { lang: this.#locale(), closedby: "any", "aria-labelledby": "title" }, form);
    cancel.onclick = () => dialog.close();
    dialog.onclose = () => dialog.remove();
    // The page's own keys and links shall not hear what is done here.
    for (const name of ["click", "keydown", "keyup"]) dialog.addEventListener(name, (event) => event.stopPropagation());
    form.onsubmit = async (event) => {
      event.preventDefault();
      const postal = input.value.trim();
      let problem = this.#say("failed");
      try {
        const { promise } = await ask(this.#address(postal));
        problem = promise.reason === "bad_postal" ? promise.text : "";
      } catch {
        // Said below.
      }
      if (!dialog.open) return;
      write(error, problem);
      input.ariaInvalid = problem ? "true" : null;
      if (problem) return input.focus();
      remember(country, postal);
      if (this.#get("postal")) this.setAttribute("postal", postal);
      dialog.close();
      DeliveryPromise.#all.forEach((element) => element.attributeChangedCallback());
    };
    this.#box.after(dialog);
    dialog.showModal();
    input.select();
  }
}

customElements.define("delivery-promise", DeliveryPromise);
