// The work of a node, as its people do it on a phone.
import AxeBuilder from "@axe-core/playwright";
import { alive, expect, open, signIn, test } from "./baton.mjs";

test.use({ viewport: { width: 390, height: 844 }, provoked: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch|status of 422/ });

const NODE = "wh-sdf";
const TEA = { sku: "WORK-TEA", name: "Green tea", barcode: "4006381333931" };
const CUP = { sku: "WORK-CUP", name: "Blue cup", barcode: "036000291452" };

let orders = 0;
/** An order of three teas and a cup, at the Louisville warehouse; `delivery` says otherwise. */
async function work(api, node = NODE, delivery = {}) {
  for (const { sku, ...product } of [TEA, CUP]) await api.put(`products/${sku}`, { ...product, weight_g: 200 });
  await api.put("stock", [TEA, CUP].map(({ sku }) => ({ node, sku, on_hand: 1_000 })));
  await api.put("stock/bins", [{ node, sku: CUP.sku, bin: "A-01" }]);
  orders += 1;
  const placed = await api.post("orders", {
    channel: "web",
    external_id: `work-${Date.now()}-${orders}`,
    placed_at: new Date().toISOString(),
    currency: "USD",
    customer: { name: "Robin Reed", email: "robin@example.com" },
    ship_to: { name: "Robin Reed", line1: "1 Main Street", city: "Nashville", region: "TN", postal_code: "37203", country: "US" },
    lines: [{ external_id: "1", sku: TEA.sku, quantity: 3 }, { external_id: "2", sku: CUP.sku, quantity: 1 }],
    delivery,
  });
  let order;
  await expect.poll(async () => {
    order = await api.get(`orders/${placed.id}`);
    return order.fulfillments[0]?.node;
  }).toBe(node);
  return { ...order, work: order.fulfillments[0].id };
}

const state = async (api, order) => (await api.get(`orders/${order.id}`)).fulfillments.find((f) => f.id === order.work);
const line = (page, { name }) => page.locator(".pick-line").filter({ hasText: name });

async function happened(api, order, kind) {
  const { fulfillments } = await api.get(`orders/${order.id}`);
  expect(fulfillments.length).toBeGreaterThan(0);
  let [all, after] = [[], Math.max(0, order.seq ?? 0)];
  for (;;) {
    const { items } = await api.get(`events?limit=200&after=${after}`);
    if (items.length === 0) return all.filter((event) => event.kind === kind && event.subject === order.id).length;
    all = all.concat(items);
    after = items.at(-1).seq;
  }
}

test("somebody new accepts, finds one missing, packs and hands over in under two minutes", async ({ owner: page, api }) => {
  const order = await work(api);
  const started = Date.now();
  await open(page, `/work?open=${order.work}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order #${order.number}`);
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  // What has a place comes before what has none.
  await expect(page.locator(".pick-line .work-title")).toHaveText([CUP.name, TEA.name]);
  await page.getByRole("button", { name: `One more of ${CUP.name}` }).click();
  const tea = page.getByRole("button", { name: `One more of ${TEA.name}` });
  await tea.click();
  await tea.click();
  await page.getByRole("button", { name: "1 not found" }).click();
  await expect(line(page, TEA)).toContainText("2 / 2");
  await page.getByRole("button", { name: "Packed" }).click();
  await expect(page.getByLabel("Carrier")).not.toHaveValue("");
  await page.getByLabel("Tracking number").fill("1Z999AA10123456784");
  await page.getByRole("button", { name: "Hand over to the carrier" }).click();
  await expect(page.getByText("Done here.")).toBeVisible();
  await expect.poll(async () => (await state(api, order)).status).toBe("shipped");
  expect(Date.now() - started).toBeLessThan(120_000);
  const shipped = await state(api, order);
  expect(shipped.tracking_number).toBe("1Z999AA10123456784");
  expect(shipped.lines.map((line) => line.quantity).sort()).toEqual([1, 2]);
});

test("a scanner counts, and says what is wrong with what it reads", async ({ owner: page, api }) => {
  const order = await work(api);
  await api.post(`fulfillments/${order.work}/accept`, {});
  await open(page, `/work?open=${order.work}`);
  const field = page.getByLabel("Scan or type a barcode");
  const scan = async (code) => {
    await field.fill(code);
    await field.press("Enter");
    await expect(field).toHaveValue("");
    await expect(field).toBeFocused();
  };
  const said = page.locator(".scan-said");
  await scan(TEA.barcode);
  await expect(said).toHaveText("Green tea: 1 of 3");
  await scan("4006381333932");
  await expect(said).toContainText("would end in 1");
  await scan("73513537");
  await expect(said).toContainText("not on this list. Expected: Blue cup (036000291452) or Green tea (4006381333931).");
  // The same cup as EAN-13.
  await scan("0036000291452");
  await expect(line(page, CUP)).toHaveClass(/is-done/);
  await scan(CUP.barcode);
  await expect(said).toContainText("Blue cup is complete");
  await expect(line(page, TEA)).toContainText("1 / 3");
});

test("several orders are accepted at once and picked together", async ({ owner: page, api }) => {
  const [one, two] = [await work(api), await work(api)];
  await open(page, `/work?open=${one.work},${two.work}`);
  await page.getByRole("button", { name: "Accept 2" }).click();
  await expect(page.locator(".pick-line")).toHaveCount(4);
  await expect(page.locator(".pick-line").first()).toContainText(`#${one.number}`);
  // Each goes as soon as it is used.
  const there = page.getByRole("button", { name: "All there" });
  for (let left = await there.count(); left > 0; left -= 1) {
    await there.first().click();
    await expect(there).toHaveCount(left - 1);
  }
  await expect(page.getByRole("button", { name: "Packed" })).toHaveCount(2);
  await expect.poll(async () => (await state(api, two)).status).toBe("accepted");
});

test("what is done without a network is kept, and done once when it is back", async ({ owner: page, api, context }) => {
  const order = await work(api);
  await open(page, `/work?open=${order.work}`);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await page.getByRole("button", { name: "All there" }).click();
  await page.getByRole("button", { name: "Packed" }).click();
  await expect(page.locator(".work-waits")).toContainText("2 actions wait for the network");
  expect((await state(api, order)).status).toBe("assigned");
  await context.setOffline(false);
  await expect.poll(async () => (await state(api, order)).status).toBe("packed");
  await expect(page.locator(".work-waits")).toBeEmpty();
  expect(await happened(api, order, "fulfillment.accepted")).toBe(1);
});

test("an action whose answer is lost is done once, also when the page is opened anew", async ({ owner: page, api }) => {
  const order = await work(api);
  await open(page, `/work?open=${order.work}`);
  await page.route(/\/api\/do_work/, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await expect(page.locator(".work-waits")).toContainText("1 action waits");
  await expect.poll(async () => (await state(api, order)).status).toBe("accepted");
  await page.unroute(/\/api\/do_work/);
  await open(page, `/work?open=${order.work}`);
  await expect(page.getByRole("button", { name: "All there" })).toBeVisible();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("baton.work")))).toEqual([]);
  expect(await happened(api, order, "fulfillment.accepted")).toBe(1);
});

test("a customer collects with the code", async ({ owner: page, api }) => {
  const { items } = await api.get("nodes?limit=200");
  const store = items.find(({ offers, status }) => offers.includes("pickup") && status === "active").code;
  const order = await work(api, store, { method: "pickup", node: store });
  await open(page, `/work?open=${order.work}`);
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await page.getByRole("button", { name: "All there" }).click();
  await page.getByRole("button", { name: "Ready for pickup" }).click();
  const code = page.getByLabel("The customer's code");
  await expect.poll(async () => (await state(api, order)).status).toBe("ready_for_pickup");
  const right = (await state(api, order)).pickup_code;
  await code.fill(right === "AAAAAA" ? "BBBBBB" : "AAAAAA");
  await page.getByRole("button", { name: "Hand out" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "not the code" })).toContainText("4 tries are left");
  await code.fill(right.toLowerCase());
  await page.getByRole("button", { name: "Hand out" }).click();
  await expect(page.getByText("Done here.")).toBeVisible();
  expect((await state(api, order)).status).toBe("picked_up");
});

test("people of a node begin with its work, hear of new work, and see nobody else's", async ({ owner: page, api, browser }) => {
  const name = `Floor ${Date.now()}`;
  const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, "/settings/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog", { name: "A person" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("radio", { name: /^Node staff/ }).check();
  await dialog.getByLabel("Find a node").fill(NODE);
  await dialog.getByRole("checkbox").first().check();
  await dialog.getByRole("button", { name: "Add the person" }).click();
  const password = await page.getByRole("dialog", { name: "Shown this once" }).locator("code").innerText();

  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const theirs = await context.newPage();
  await theirs.goto("/sign-in");
  await theirs.getByLabel("E-mail").fill(email);
  await theirs.getByLabel("Password").fill(password);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await alive(theirs);
  await expect(theirs).toHaveURL(/\/work$/);
  const tab = theirs.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: /^To accept/ });
  const before = Number((await tab.innerText()).match(/\d+/)[0]);
  const order = await work(api);
  await expect(tab).toContainText(String(before + 1));
  await theirs.goto(`/work?open=${order.work}`);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText(`Order #${order.number}`);
  // Another node's work is not there for them.
  const { items } = await api.get("nodes?limit=200");
  const store = items.find(({ offers, status }) => offers.includes("pickup") && status === "active").code;
  const other = await work(api, store, { method: "pickup", node: store });
  await theirs.goto(`/work?open=${other.work}`);
  await expect(theirs.getByRole("heading", { name: "This work is not here" })).toBeVisible();
  await context.close();
});

for (const [name, width, colorScheme] of [["390 light", 390, "light"], ["390 dark", 390, "dark"], ["1440 light", 1440, "light"], ["1440 dark", 1440, "dark"]]) {
  test.describe(name, () => {
    test.use({ viewport: { width, height: 900 }, colorScheme });

    test("picking, handing over and the slip fit and have no serious fault for assistive technology", async ({ page, api }, info) => {
      const [picked, packed] = [await work(api), await work(api)];
      for (const order of [picked, packed]) await api.post(`fulfillments/${order.work}/accept`, {});
      await api.post(`fulfillments/${packed.work}/pack`, {});
      await signIn(page, "/work");
      await look(page, "work", info);
      await open(page, `/work?open=${picked.work},${packed.work}`);
      await page.getByText("We cannot do this one").first().click();
      await page.getByLabel("Scan or type a barcode").fill("4006381333932");
      await page.keyboard.press("Enter");
      await look(page, "pick", info);
      await page.goto(`/work/slip/${packed.work}`);
      await expect(page.getByText("1 Main Street")).toBeVisible();
      await expect(page.locator(".slip-code svg rect").first()).toBeAttached();
      await look(page, "slip", info);
    });
  });
}

async function look(page, screen, info) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${screen} is wider than the window`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  const said = violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`);
  expect(said, screen).toEqual([]);
  await page.screenshot({ path: info.outputPath(`${screen}.png`), fullPage: true });
}
