// What the widget's tests share: a shop on an origin of its own, and a Baton that answers as the engine does, at a
// time that the test sets.
import { readFileSync } from "node:fs";
import http from "node:http";
import { test as base } from "./baton.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const MESSAGES = {
  "en-US": JSON.parse(read("engine/src/promise/messages/en.json")),
  "de-DE": JSON.parse(read("engine/src/promise/messages/de.json")),
  "es-ES": JSON.parse(read("engine/src/promise/messages/es.json")),
};
export const MINUTE = 60_000;
export const FALLBACK = "Dispatched in 1–2 working days";
export const SHOP_STYLE = `
  body { margin: 0 auto; padding: 16px; max-width: 640px; font: 16px/1.5 system-ui, sans-serif; color: light-dark(#1b1b24, #ececf2); background: light-dark(#fff, #16161c) }
  :root { color-scheme: light dark }
  button.cart { display: block; margin-top: 12px; padding: 12px 20px; font: inherit }
`;

/** The address of a server on this machine that answers with what `answer` gives for a path. */
async function listen(answer) {
  const server = http.createServer((request, response) => {
    const { status = 200, type = "text/html; charset=utf-8", body = "", headers = {} } = answer(new URL(request.url, "http://shop").pathname) ?? { status: 404 };
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** A page of the shop, which lets in the widget and nothing else. */
export function productPage(baton, { body, lang = "en-US", style = "", head }) {
  head ??= `<script type="module" src="${baton}/widget/v1/promise.js" crossorigin></script>`;
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Teapot</title>
    <meta name="viewport" content="width=device-width">
    <meta http-equiv="content-security-policy" content="default-src 'none'; script-src ${baton}; connect-src ${baton}; style-src 'self'; form-action 'self'; require-trusted-types-for 'script'">
    ${head}<link rel="stylesheet" href="/shop.css?${encodeURIComponent(style)}"></head>
    <body><main><h1>Teapot</h1>${body}<button class="cart" type="button">Add to cart</button></main></body></html>`;
}

/** An element as a merchant writes it. */
export function element(attributes = {}, fallback = FALLBACK) {
  const all = { key: "pk_demo_baton", sku: "A-1", country: "US", postal: "10001", ...attributes };
  const written = Object.entries(all).filter(([, value]) => value !== null).map(([name, value]) => `${name}="${value}"`);
  return `<delivery-promise ${written.join(" ")}><span>${fallback}</span></delivery-promise>`;
}

/** The engine's answer in the fields that shoppers see. */
export function answer({ now, cutoffAt = null, to = "2026-11-27", word = "", from = null, locale = "en-US", expiresAt, postal, country = "US", ready = null, ...more }) {
  const messages = MESSAGES[locale];
  const day = (date) => new Intl.DateTimeFormat(locale, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(date));
  const say = (key, values) => messages[`promise.${key}`].replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
  const option = (id, method, kind, cutoff) => {
    const values = { from: from && day(from), to: day(to), at: ready };
    const minutes = Math.floor((cutoff - now) / MINUTE);
    const isNear = cutoff !== null && minutes < 480;
    return {
      id,
      method,
      date: { from: from ?? to, by: to },
      cutoff_at: cutoff && new Date(cutoff).toISOString(),
      store: method === "pickup" ? { name: "Soho store", city: "New York" } : null,
      text: {
        summary: say(kind + word, values),
        accessible: say(kind, values),
        countdown: isNear
          ? {
              sentence: say(`${kind}${word}_if`, values),
              accessible: say(`${kind}_if`, values),
              sentence_now: say(`${kind}${word}_now`, values),
              accessible_now: say(`${kind}_now`, values),
              hours_minutes: messages["remaining.hours_minutes"],
              hours: messages["remaining.hours"],
              minutes: messages["remaining.minutes"],
            }
          : null,
        place: method === "pickup" ? "" : postal ? messages["place.postal"].replace("{postal}", postal) : messages[`place.${country}`],
        price: messages["promise.free"],
        packages: null,
        assurance: messages["promise.estimated"],
      },
    };
  };
  const options = [option("standard", "delivery", from ? "range" : "by", cutoffAt)];
  if (ready) options.push(option("st-soho", "pickup", "pickup", cutoffAt));
  return {
    id: "prm_1",
    status: "ok",
    reason: null,
    now: new Date(now).toISOString(),
    cutoff_at: cutoffAt && new Date(cutoffAt).toISOString(),
    expires_at: new Date(expiresAt ?? Math.min(cutoffAt ?? Infinity, now + 10 * MINUTE)).toISOString(),
    options,
    refused: [],
    text: "",
    locale,
    ...more,
  };
}

export function unavailable(now, reason, locale = "en-US") {
  return { ...answer({ now, locale }), id: null, status: "unavailable", reason, options: [], text: MESSAGES[locale][`promise.unavailable.${reason}`] };
}

/**
 * `shop.open(…)` shows a product page; `shop.reply` answers the widget's questions, and may be replaced by a test;
 * `shop.asked` are the questions so far; `shop.travel(…)` moves the clocks of server and page.
 */
export const test = base.extend({
  shop: async ({ page, context }, use) => {
    const pages = new Map();
    const script = { type: "text/javascript", headers: { "access-control-allow-origin": "*" } };
    const own = await listen((path) => (path === "/widget/v1/promise.js" ? { ...script, body: read("widget/promise.min.js") } : undefined));
    const baton = process.env.BATON_URL ?? own.origin;
    const site = await listen((path) => (path === "/shop.css" ? { type: "text/css", body: pages.get("style") } : { body: pages.get(path) ?? "" }));
    const shop = {
      baton,
      origin: site.origin,
      // The server's clock; the visitor's is three hours wrong.
      now: Date.parse("2026-11-24T16:46:30Z"),
      asked: [],
      reply: (query) => answer({ now: shop.now, cutoffAt: Date.parse("2026-11-24T19:00:00Z"), locale: query.get("locale").replace("en-GB", "en-US"), postal: query.get("postal"), country: query.get("country"), ready: "12:00 PM" }),
      async open(options, path = "/") {
        pages.set("style", SHOP_STYLE + (options.style ?? ""));
        pages.set(path, productPage(baton, options));
        await page.goto(site.origin + path);
      },
      async travel(ms) {
        shop.now += ms;
        await page.clock.runFor(ms);
        await page.evaluate(() => new Promise((resolve) => window.frame(() => window.frame(resolve))));
      },
    };
    await context.route(`${baton}/api/v1/promise?*`, async (route) => {
      const { searchParams } = new URL(route.request().url());
      shop.asked.push(searchParams);
      const reply = await shop.reply(searchParams, route);
      if (reply === undefined) return;
      const { status = 200, body = reply } = reply.http ?? {};
      await route.fulfill({ status, headers: { "access-control-allow-origin": "*" }, json: body }).catch(() => {});
    });
    // Time is the test's, frames are the browser's: whether something moves is seen in frames.
    await page.addInitScript(() => (window.frame = window.requestAnimationFrame));
    await page.clock.install({ time: new Date(shop.now + 180 * MINUTE) });
    // Keeps what the page hears and what moves on it.
    await page.addInitScript(() => {
      window.requestAnimationFrame = window.frame;
      window.heard = [];
      for (const name of ["ready", "change", "expired", "error"]) {
        addEventListener(`promise:${name}`, ({ detail }) => window.heard.push([name, detail.promise && detail.promise.status, detail.error && detail.error.status]));
      }
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          const where = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
          window.shifts.push(`${value.toFixed(5)}: ${sources.map(({ node, previousRect, currentRect }) => `${node && (node.className || node.nodeName)} from ${where(previousRect)} to ${where(currentRect)}`).join(", ")}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await use(shop);
    site.close();
    own.close();
  },
});
