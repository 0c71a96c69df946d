import AxeBuilder from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect } from "./baton.mjs";
import { answer, element, FALLBACK, MINUTE, test, unavailable } from "./shop.mjs";

const widget = (page) => page.locator("delivery-promise").first();
const sentence = (page) => widget(page).locator("[part=sentence] > :first-child");
const room = (page) => widget(page).locator("[part=promise]");
const heard = (page) => page.evaluate(() => window.heard);

/** The page shows what the merchant wrote, and nothing of ours. */
async function expectFallback(page) {
  await expect(page.getByText(FALLBACK)).toBeVisible();
  await expect(room(page)).toBeHidden();
}

test.describe("what is said", () => {
  test("when it arrives, until when to order, where to and for how much", async ({ page, shop }) => {
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText("Get it by Fri, Nov 27 if you order within 2 h 13 min");
    await expect(page.getByText(FALLBACK)).toBeHidden();
    await expect(widget(page).getByRole("group", { name: "Delivery" })).toBeVisible();
    await expect(widget(page).locator("[part=place]")).toHaveText("to 10001");
    await expect(widget(page).locator("[part=price]")).toHaveText("Free");
    await expect(widget(page).locator("[part=assurance]")).toHaveText("Estimated date");
    expect(await heard(page)).toEqual([["ready", "ok", undefined]]);
    expect(await widget(page).evaluate((node) => node.promise.options[0].date.by)).toBe("2026-11-27");
    expect(String(shop.asked[0])).toBe("key=pk_demo_baton&sku=A-1&qty=1&country=US&postal=10001&locale=en-US");
  });

  test("a basket is asked for as a whole", async ({ page, shop }) => {
    await shop.open({ body: element({ sku: "A-1, B-2", qty: "2,3", channel: "web", currency: "USD", locale: "en-GB" }) });
    await expect.poll(() => String(shop.asked[0])).toBe("key=pk_demo_baton&sku=A-1&qty=2&sku=B-2&qty=3&country=US&postal=10001&channel=web&currency=USD&locale=en-GB");
  });

  test("elements that ask the same share one request, also for pickup", async ({ page, shop }) => {
    await shop.open({ body: element() + element({ option: "pickup" }) + element() });
    await expect(page.locator("delivery-promise").nth(1).locator("[part=sentence] > :first-child")).toHaveText("Collect from 12:00 PM on Fri, Nov 27 if you order within 2 h 13 min");
    await expect(page.locator("delivery-promise").nth(1).getByRole("group", { name: "Pickup" })).toContainText("Soho store");
    await expect(page.locator("delivery-promise").nth(2).locator("[part=price]")).toHaveText("Free");
    expect(shop.asked).toHaveLength(1);
  });

  test("tomorrow is heard with its date", async ({ page, shop }) => {
    shop.reply = () => answer({ now: shop.now, to: "2026-11-25", word: "_tomorrow", postal: "10001" });
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText("Get it by tomorrow");
    await expect(widget(page).locator("[part=promise]")).toMatchAriaSnapshot(`
      - group "Delivery":
        - paragraph: Get it by Wed, Nov 25
        - paragraph:
          - text: to 10001
          - button "Change postal code"
    `);
  });

  test("what cannot be had, in the server's words", async ({ page, shop }) => {
    shop.reply = () => unavailable(shop.now, "no_stock");
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText("Out of stock for this delivery");
    shop.reply = () => unavailable(shop.now, "unknown_sku");
    await widget(page).evaluate((node) => node.setAttribute("sku", "nothing"));
    await expect(sentence(page)).toHaveText("This product is not available");
    await expect(page.getByRole("button", { name: "Change postal code" })).toBeHidden();
  });

  test("usual days where no date is sure, and nothing when promises are switched off", async ({ page, shop }) => {
    const usual = { options: [{ id: "standard", method: "delivery", date: null, cutoff_at: null, text: { summary: "Usually arrives in 3–5 business days", accessible: "Usually arrives in 3–5 business days", place: "to 10001", price: "Free", countdown: null, packages: null, assurance: null } }] };
    shop.reply = () => answer({ now: shop.now, status: "degraded", ...usual });
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText("Usually arrives in 3–5 business days");
    shop.reply = () => answer({ now: shop.now, status: "none", options: [] });
    await widget(page).evaluate((node) => node.refresh());
    await expectFallback(page);
  });

  for (const [locale, said, group, button] of [
    ["de-DE", "Lieferung bis Fr., 27. Nov. bei Bestellung in den nächsten 2 Std. 13 Min.", "Lieferung", "Postleitzahl ändern"],
    ["es-ES", "Recíbelo a más tardar el vie, 27 nov si haces el pedido en menos de 2 h 13 min", "Entrega", "Cambiar código postal"],
  ]) {
    test(`in the page's language: ${locale}`, async ({ page, shop }) => {
      await shop.open({ body: element(), lang: locale });
      await expect(sentence(page)).toHaveText(said);
      await expect(widget(page).getByRole("group", { name: group })).toHaveAttribute("lang", locale);
      await expect(widget(page).getByRole("button", { name: button })).toBeVisible();
    });
  }

  test("a form sends the promise along", async ({ page, shop }) => {
    await shop.open({ body: `<form action="/cart">${element({ name: "promise_id" })}<button>Buy</button></form>` });
    await expect(sentence(page)).toContainText("Get it by");
    await page.getByRole("button", { name: "Buy" }).click();
    await expect(page).toHaveURL(/\/cart\?promise_id=prm_1$/);
    // What was promised for another variant is not sent with this one.
    await page.goBack();
    await expect(sentence(page)).toContainText("Get it by");
    shop.reply = () => new Promise(() => {});
    await widget(page).evaluate((node) => node.setAttribute("sku", "B-2"));
    await page.getByRole("button", { name: "Buy" }).click();
    await expect(page).toHaveURL(/\/cart\?$/);
  });

  test("another variant is another promise, and the old one does not stay for it", async ({ page, shop }) => {
    await shop.open({ body: element() });
    await expect(sentence(page)).toContainText("Fri, Nov 27");
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    shop.reply = async () => (await gate, answer({ now: shop.now, to: "2026-12-01", postal: "10001" }));
    await widget(page).evaluate((node) => {
      node.setAttribute("sku", "B-2");
      node.setAttribute("qty", "2");
    });
    await expect.poll(() => shop.asked.length).toBe(2);
    await page.clock.runFor(301);
    await expectFallback(page);
    go();
    await expect(sentence(page)).toHaveText("Get it by Tue, Dec 1");
    expect(await heard(page)).toEqual([["ready", "ok", undefined], ["change", "ok", undefined]]);
  });

  test("what is far below is asked for when it comes near", async ({ page, shop }) => {
    await shop.open({ body: `<div class="tall"></div>${element()}`, style: ".tall { height: 4000px }" });
    await page.clock.runFor(1000);
    expect(shop.asked).toHaveLength(0);
    await widget(page).scrollIntoViewIfNeeded();
    await expect(sentence(page)).toContainText("Get it by");
  });
});

test.describe("the clock", () => {
  test("counts the server's minutes, whatever the visitor's clock shows", async ({ page, shop }) => {
    const cutoffAt = Date.parse("2026-11-24T19:00:00Z");
    shop.reply = () => answer({ now: shop.now, cutoffAt, expiresAt: cutoffAt, postal: "10001" });
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText(/2\sh\s13\smin$/);
    for (const [minutes, said] of [[1, /2\sh\s12\smin$/], [12, /within\s2\shours$/], [1, /1\sh\s59\smin$/], [59, /within\s60\sminutes$/], [58, /within\s2\sminutes$/], [1, /^Order\snow\sto\sget\sit\sby\sFri,\sNov\s27$/]]) {
      await shop.travel(minutes * MINUTE);
      await expect(sentence(page)).toHaveText(said);
    }
  });

  test("at the cut-off the date moves, and that is heard once", async ({ page, shop }) => {
    const cutoffAt = Date.parse("2026-11-24T19:00:00Z");
    shop.now = cutoffAt - 12.5 * MINUTE;
    shop.reply = () => (shop.now <= cutoffAt ? answer({ now: shop.now, cutoffAt, postal: "10001", expiresAt: cutoffAt }) : answer({ now: shop.now, to: "2026-11-30", postal: "10001" }));
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText("Get it by Fri, Nov 27 if you order within 12 minutes");
    const status = widget(page).getByRole("status");
    await shop.travel(MINUTE);
    await expect(sentence(page)).toHaveText(/11\sminutes$/);
    await expect(status).toHaveText("");
    await shop.travel(2 * MINUTE);
    await expect(sentence(page)).toHaveText(/within\s9\sminutes$/);
    await expect(status).toHaveText(/within\s9\sminutes$/);
    await shop.travel(8 * MINUTE);
    await expect(sentence(page)).toHaveText("Order now to get it by Fri, Nov 27");
    await expect(status).toHaveText(/within\s9\sminutes$/);
    expect(shop.asked).toHaveLength(1);
    await shop.travel(1.5 * MINUTE + 1000);
    await expect(sentence(page)).toHaveText("Get it by Mon, Nov 30");
    await expect(status).toHaveText("Get it by Mon, Nov 30");
    expect(shop.asked).toHaveLength(2);
    expect((await heard(page)).map(([name]) => name)).toEqual(["ready", "expired", "change"]);
  });

  test("an answer that expires is asked for again without a word", async ({ page, shop }) => {
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText(/2\sh\s13\smin$/);
    await shop.travel(10 * MINUTE + 1001);
    await expect.poll(() => shop.asked.length).toBe(2);
    await expect(sentence(page)).toHaveText(/2\sh\s3\smin$/);
    expect((await heard(page)).map(([name]) => name)).toEqual(["ready", "expired"]);
  });

  test("a device that slept knows how long", async ({ page, shop }) => {
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText(/2\sh\s13\smin$/);
    // The date went on, the timers did not.
    shop.now += 5 * MINUTE;
    await page.clock.setSystemTime(new Date(shop.now + 180 * MINUTE));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect(sentence(page)).toHaveText(/2\sh\s8\smin$/);
    expect(shop.asked).toHaveLength(1);
  });

  test("an answer from a cache on the way is as old as the cache says", async ({ page, shop }) => {
    shop.reply = async (query, route) => {
      const json = answer({ now: shop.now - 2 * MINUTE, cutoffAt: Date.parse("2026-11-24T19:00:00Z"), postal: "10001" });
      await route.fulfill({ headers: { "access-control-allow-origin": "*", "access-control-expose-headers": "Age", age: "120" }, json });
    };
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText(/2\sh\s13\smin$/);
  });

  test("can be left out", async ({ page, shop }) => {
    await shop.open({ body: element({ countdown: "off" }) });
    await expect(sentence(page)).toHaveText("Get it by Fri, Nov 27");
  });
});

test.describe("when something is wrong", () => {
  test.use({ provoked: /Failed to load resource|CORS policy/ });

  test("offline: the merchant's text, and the date once the network is back", async ({ page, shop }) => {
    const online = shop.reply;
    shop.reply = (query, route) => void route.abort("internetdisconnected");
    await shop.open({ body: element() });
    await expect.poll(() => shop.asked.length).toBe(1);
    await page.clock.runFor(1000);
    await expect.poll(() => heard(page)).toEqual([["error", null, undefined]]);
    expect(shop.asked).toHaveLength(2);
    await expectFallback(page);
    shop.reply = online;
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect(sentence(page)).toContainText("Get it by");
  });

  test("offline at expiry: no countdown, then no date after its cut-off, then again all of it", async ({ page, shop }) => {
    const cutoffAt = Date.parse("2026-11-24T19:00:00Z");
    await shop.open({ body: element() });
    await expect(sentence(page)).toHaveText(/2\sh\s13\smin$/);
    shop.reply = (query, route) => void route.abort("internetdisconnected");
    await shop.travel(10 * MINUTE + 1001);
    await expect.poll(() => shop.asked.length).toBe(2);
    await page.clock.runFor(1000);
    await expect(sentence(page)).toHaveText("Get it by Fri, Nov 27");
    shop.now += 1000;
    await shop.travel(cutoffAt - shop.now + 1001);
    await expectFallback(page);
    shop.reply = () => answer({ now: shop.now, to: "2026-11-30", postal: "10001" });
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect(sentence(page)).toHaveText("Get it by Mon, Nov 30");
    await expect(page.getByText(FALLBACK)).toBeHidden();
  });

  test("slow: nothing is said after two seconds and a second try", async ({ page, shop }) => {
    shop.reply = () => new Promise(() => {});
    await shop.open({ body: element() });
    await expect.poll(() => shop.asked.length).toBe(1);
    await expectFallback(page);
    await expect
      .poll(async () => {
        await page.clock.runFor(600);
        return heard(page);
      })
      .toEqual([["error", null, undefined]]);
    expect(shop.asked).toHaveLength(2);
    await expectFallback(page);
  });

  test("a wrong key is not tried again", async ({ page, shop }) => {
    shop.reply = () => ({ http: { status: 401, body: { type: "about:blank", title: "Unauthorized", status: 401, detail: "no such key" } } });
    await shop.open({ body: element({ key: "pk_wrong" }) });
    await expect.poll(() => heard(page)).toEqual([["error", null, 401]]);
    await page.clock.runFor(60 * MINUTE);
    expect(shop.asked).toHaveLength(1);
    await expectFallback(page);
  });

  test("a server that fails is asked again, later and later", async ({ page, shop }) => {
    shop.reply = () => ({ http: { status: 503, body: { detail: "going down" } } });
    await shop.open({ body: element() });
    const errors = async () => (await heard(page)).length;
    const until = async (count, ms) => {
      await page.clock.runFor(ms);
      await expect
        .poll(async () => {
          await page.clock.runFor(600);
          return errors();
        })
        .toBe(count);
    };
    await until(1, 0);
    await until(2, 30_000);
    await until(3, 60_000);
    await expectFallback(page);
  });

  test("an answer that has expired already is not shown, nor asked for at once again", async ({ page, shop }) => {
    shop.reply = async (query, route) => {
      const json = answer({ now: shop.now - 20 * MINUTE, postal: "10001" });
      await route.fulfill({ headers: { "access-control-allow-origin": "*", "access-control-expose-headers": "Age", age: "1200" }, json });
    };
    await shop.open({ body: element() });
    await expect.poll(() => heard(page)).toEqual([["error", null, undefined]]);
    await page.clock.runFor(20_000);
    expect(shop.asked).toHaveLength(1);
    await expectFallback(page);
  });

  test("an element without a key, a SKU or a country says so to the page and asks nothing", async ({ page, shop }) => {
    await shop.open({ body: element({ key: null }) });
    await expect.poll(() => heard(page)).toEqual([["error", null, 400]]);
    expect(shop.asked).toHaveLength(0);
    await expectFallback(page);
  });

  test("a Baton that is not there leaves the page alone", async ({ page, shop }) => {
    await shop.open({ body: element(), head: `<script type="module" src="${shop.baton}/widget/v1/nothing.js"></script>` });
    await expect(page.getByText(FALLBACK)).toBeVisible();
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page shows what the merchant wrote", async ({ page, shop }) => {
    await shop.open({ body: element() });
    await expect(page.getByText(FALLBACK)).toBeVisible();
  });
});

test.describe("the postal code", () => {
  test("is asked for in a dialog, counts for the whole page, and for the next one", async ({ page, shop }) => {
    await shop.open({ body: element({ postal: null }) + element({ postal: null, sku: "B-2" }) });
    await expect(widget(page).locator("[part=place]")).toHaveText("to the United States");
    await widget(page).getByRole("button", { name: "Enter postal code" }).click();
    const dialog = page.getByRole("dialog", { name: "Where should it go?" });
    const field = dialog.getByRole("textbox", { name: "Postal code" });
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute("autocomplete", "postal-code");
    await expect(field).toHaveAttribute("inputmode", "numeric");
    await field.fill(" 94107 ");
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    for (const n of [0, 1]) await expect(page.locator("delivery-promise").nth(n).locator("[part=place]")).toHaveText("to 94107");
    await expect(widget(page).getByRole("button", { name: "Change postal code" })).toBeFocused();
    await page.reload();
    await expect(widget(page).locator("[part=place]")).toHaveText("to 94107");
    expect(await page.evaluate(() => Object.entries(localStorage))).toEqual([["delivery-promise", '{"US":"94107"}']]);
  });

  test("that nobody knows is said beside the field, and the promise stays", async ({ page, shop }) => {
    const known = shop.reply;
    shop.reply = (query) => (query.get("postal") === "99999" ? unavailable(shop.now, "bad_postal") : known(query));
    await shop.open({ body: element() });
    await widget(page).getByRole("button", { name: "Change postal code" }).click();
    const field = page.getByRole("textbox", { name: "Postal code" });
    await field.fill("99999");
    await page.getByRole("button", { name: "Show date" }).click();
    await expect(page.getByRole("alert")).toHaveText("We do not know this postal code");
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription("We do not know this postal code");
    await expect(widget(page).locator("[part=place]")).toHaveText("to 10001");
    await field.fill("94107");
    await page.keyboard.press("Enter");
    await expect(widget(page).locator("[part=place]")).toHaveText("to 94107");
    await expect(widget(page)).toHaveAttribute("postal", "94107");
  });

  test("that the page names and nobody knows is said, with the way to change it", async ({ page, shop }) => {
    shop.reply = () => unavailable(shop.now, "bad_postal");
    await shop.open({ body: element({ postal: "99999" }) });
    await expect(sentence(page)).toHaveText("We do not know this postal code");
    await expect(widget(page).getByRole("button", { name: "Change postal code" })).toBeVisible();
  });

  test("Escape and Cancel leave everything as it was; the page's own keys do not hear the typing", async ({ page, shop }) => {
    await shop.open({ body: `<div id="card">${element()}</div>` });
    await page.evaluate(() => {
      window.keys = 0;
      addEventListener("keydown", () => (window.keys += 1));
      document.querySelector("#card").addEventListener("click", () => (window.keys += 1));
    });
    const change = widget(page).getByRole("button", { name: "Change postal code" });
    await change.click();
    await page.keyboard.type("123");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(change).toBeFocused();
    await change.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(widget(page).locator("[part=place]")).toHaveText("to 10001");
    expect(await page.evaluate(() => window.keys)).toBe(0);
    expect(shop.asked).toHaveLength(1);
  });

  test.describe("without a network", () => {
    test.use({ provoked: /Failed to load resource/ });

    test("could not be checked, and says so", async ({ page, shop }) => {
      await shop.open({ body: element() });
      await widget(page).getByRole("button", { name: "Change postal code" }).click();
      shop.reply = (query, route) => void route.abort("internetdisconnected");
      await page.getByRole("textbox", { name: "Postal code" }).fill("94107");
      await page.keyboard.press("Enter");
      await expect.poll(() => shop.asked.length).toBe(2);
      await page.clock.runFor(600);
      await expect(page.getByRole("alert")).toHaveText("That did not work. Try again.");
      await expect(widget(page).locator("[part=place]")).toHaveText("to 10001");
    });
  });
});

test.describe("how it looks", () => {
  const widths = [1440, 390, 200];
  for (const colorScheme of ["light", "dark"]) {
    for (const width of widths) {
      test(`${width} px, ${colorScheme}: fits, and assistive technology finds no fault`, async ({ page, shop }, info) => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 2600 });
        const known = shop.reply;
        shop.reply = (query) => (query.get("sku") === "gone" ? unavailable(shop.now, "no_stock") : query.get("postal") === "99999" ? unavailable(shop.now, "bad_postal") : known(query));
        const body = [element(), element({ option: "pickup" }), element({ postal: "", country: "US" }), element({ locale: "de-DE", country: "DE", postal: "80331" }), element({ locale: "es-ES", country: "ES", postal: "28001" }), element({ sku: "gone" }), element({ key: "" })];
        await shop.open({ body: body.join(""), style: "delivery-promise { margin-bottom: 16px }" });
        await expect(page.locator("delivery-promise").nth(4).locator("[part=promise]")).toContainText("Recíbelo");
        await look(page, `${width} ${colorScheme}`, info);
        await widget(page).getByRole("button", { name: "Change postal code" }).click();
        await page.getByRole("textbox").fill("99999");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("alert")).not.toBeEmpty();
        await look(page, `${width} ${colorScheme} dialog`, info, false);
      });
    }
  }

  async function look(page, name, info, fullPage = true) {
    await page.clock.runFor(500);
    await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage, animations: "disabled" });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`), name).toEqual([]);
  }

  test("nothing moves for who does not want that", async ({ page, shop }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await shop.open({ body: element() });
    await expect(sentence(page)).toContainText("Get it by");
    expect(await room(page).evaluate((node) => getComputedStyle(node).animationName)).toBe("none");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await room(page).evaluate((node) => getComputedStyle(node).animationName)).toBe("come");
  });

  test("a merchant's properties and parts style it", async ({ page, shop }) => {
    await shop.open({ body: element(), style: "delivery-promise { --promise-weight: 800; --promise-accent: rgb(0, 90, 60) } delivery-promise::part(assurance) { display: none }" });
    await expect(sentence(page)).toContainText("Get it by");
    await expect(sentence(page)).toHaveCSS("font-weight", "800");
    await expect(widget(page).getByRole("button")).toHaveCSS("color", "rgb(0, 90, 60)");
    await expect(widget(page).locator("[part=assurance]")).toBeHidden();
  });
});

test.describe("the page never moves", () => {
  const shifts = (page) => page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(window.shifts), 0)));
  const twoFrames = async (page) => {
    await page.clock.runFor(100);
    await page.screenshot();
    await page.clock.runFor(100);
  };

  for (const width of [1440, 390, 200]) {
    // As docs/widget.md has it.
    const style = `delivery-promise { display: block; min-height: ${{ 1440: 4.75, 390: 7.75, 200: 18.25 }[width]}rem }`;
    for (const [lang, country, postal] of [["en-US", "US", "10001"], ["de-DE", "DE", ""], ["es-ES", "ES", "28001"]]) {
      test(`${width} px, ${lang}: not when the answer comes, nor at the cut-off, nor when it fails`, async ({ page, shop }) => {
        await page.setViewportSize({ width, height: 700 });
        const cutoffAt = shop.now + 133.5 * MINUTE;
        let go;
        let gate = new Promise((resolve) => (go = resolve));
        shop.reply = async () => {
          await gate;
          return answer({ now: shop.now, cutoffAt: shop.now < cutoffAt ? cutoffAt : null, from: "2026-11-25", to: shop.now < cutoffAt ? "2026-11-28" : "2026-11-30", locale: lang, country, postal });
        };
        await shop.open({ body: element({ country, postal }), lang, style });
        await expect.poll(() => shop.asked.length).toBe(1);
        await twoFrames(page);
        const top = await page.locator(".cart").boundingBox();
        go();
        await expect(sentence(page)).toContainText("13");
        await twoFrames(page);
        for (const minutes of [20, 60, 52, 1, 1]) {
          await shop.travel(minutes * MINUTE);
          await twoFrames(page);
        }
        await shop.travel(2000);
        await expect(sentence(page)).toContainText("30");
        await twoFrames(page);
        shop.reply = () => answer({ now: shop.now, status: "none", options: [] });
        await shop.travel(11 * MINUTE);
        await expectFallback(page);
        await twoFrames(page);
        expect(await page.locator(".cart").boundingBox()).toEqual(top);
        expect(await shifts(page)).toEqual([]);
      });
    }
  }

  test("not even when the script comes late, where the page keeps the room", async ({ page, shop }) => {
    await page.route("**/widget/v1/promise.js", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await shop.open({ body: element(), style: "delivery-promise { display: block; min-height: 3.25rem }" });
    await expect(sentence(page)).toContainText("Get it by");
    await twoFrames(page);
    expect(await shifts(page)).toEqual([]);
  });
});

test("the address with the hash is the same script, and browsers can check it", async ({ page, shop, request }) => {
  test.skip(!process.env.BATON_URL, "needs a running Baton");
  const { script, integrity } = await (await request.get(`${shop.baton}/widget/v1/promise.json`)).json();
  await shop.open({ body: element(), head: `<script type="module" src="${shop.baton}${script}" integrity="${integrity}" crossorigin></script>` });
  await expect(sentence(page)).toContainText("Get it by");
});

test("the script is small, and made from its source", () => {
  const folder = new URL("../../widget/", import.meta.url);
  expect(gzipSync(readFileSync(new URL("promise.min.js", folder)), { level: 9 }).length).toBeLessThanOrEqual(5000);
  execFileSync("node", [fileURLToPath(new URL("build.mjs", folder)), "--check"]);
});
