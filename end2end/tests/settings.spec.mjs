// People and keys, as their owner manages them.
import { alive, expect, open, signIn, test } from "./baton.mjs";

// What is entered wrongly is answered with these, and browsers log that.
test.use({ provoked: /status of (409|422)/ });

const person = (page, name) => page.getByRole("row", { name: new RegExp(name) });

async function signInAs(browser, email, password) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  return page;
}

test("a person is let in, changed, given a new password, shut out and let in again", async ({ owner: page, browser }) => {
  const name = `Pat ${Date.now()}`;
  const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
  await open(page, "/settings");
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog", { name: "A person" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("E-mail").fill("demo@baton.example");
  await dialog.getByRole("radio", { name: /^Viewer/ }).check();
  await dialog.getByRole("button", { name: "Add the person" }).click();
  await expect(dialog.getByRole("alert")).toContainText("already signs in with this e-mail");
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("button", { name: "Add the person" }).click();
  const secret = page.getByRole("dialog", { name: "Shown this once" });
  const password = await secret.locator("code").innerText();
  await secret.getByRole("button", { name: "Done" }).click();
  await expect(person(page, name)).toContainText("Viewer");
  await expect(page.getByText(password)).toHaveCount(0);

  const theirs = await signInAs(browser, email, password);
  await alive(theirs);
  await theirs.goto("/settings/people");
  await expect(theirs.getByRole("heading", { name: "Not for your role" })).toBeVisible();
  await expect(theirs.getByRole("navigation", { name: "Sections" })).not.toContainText("People");

  // Node staff need a node, which is found by its name.
  await person(page, name).getByRole("button", { name: `Edit ${name}` }).click();
  await dialog.getByRole("radio", { name: /^Node staff/ }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("one node at least");
  await dialog.getByLabel("Find a node").fill("wh-sdf");
  await dialog.getByRole("checkbox").first().check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(person(page, name)).toContainText("Node staff");
  await expect(person(page, name)).toContainText("wh-sdf");

  await person(page, name).getByText("More", { exact: true }).click();
  await page.getByRole("button", { name: "New password…" }).click();
  await page.getByRole("dialog", { name: "Are you sure?" }).getByRole("button", { name: "Make a new password" }).click();
  const second = await secret.locator("code").innerText();
  expect(second).not.toBe(password);
  await secret.getByRole("button", { name: "Done" }).click();
  await theirs.goto("/inventory");
  await expect(theirs).toHaveURL(/\/sign-in/);

  await person(page, name).getByText("More", { exact: true }).click();
  await page.getByRole("button", { name: "Shut out…" }).click();
  await page.getByRole("dialog", { name: "Are you sure?" }).getByRole("button", { name: "Shut out" }).click();
  await expect(person(page, name)).toContainText("Shut out");
  const refused = await signInAs(browser, email, second);
  await expect(refused.getByRole("alert")).toContainText("do not match");

  await person(page, name).getByText("More", { exact: true }).click();
  await page.getByRole("button", { name: "Let in again" }).click();
  await expect(person(page, name)).toContainText("May sign in");
  await theirs.context().close();
  await refused.context().close();
});

test("the only owner stays one", async ({ owner: page }) => {
  await open(page, "/settings/people");
  await expect(person(page, "Dana Demo")).toContainText("You");
  await expect(person(page, "Dana Demo").getByText("More", { exact: true })).toHaveCount(0);
  await person(page, "Dana Demo").getByRole("button", { name: "Edit Dana Demo" }).click();
  const dialog = page.getByRole("dialog", { name: "A person" });
  await dialog.getByRole("radio", { name: /^Viewer/ }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("only owner");
});

test("a secret key is made, shown once, used and revoked", async ({ owner: page, request }) => {
  const name = `Warehouse ${Date.now()}`;
  await open(page, "/settings/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a key" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByRole("alert")).toContainText("one scope at least");
  await dialog.getByRole("checkbox", { name: "Read stock" }).check();
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const shown = page.getByRole("dialog", { name: "Shown this once" });
  const secret = await shown.locator("code").innerText();
  expect(secret).toMatch(/^sk_\w{32}$/);
  await shown.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: new RegExp(name) });
  await expect(row).toContainText(secret.slice(-4));
  await expect(row).toContainText("Read stock");

  const call = (path) => request.get(`/api/v1/${path}`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await call("stock?limit=1")).status()).toBe(200);
  expect((await call("orders?limit=1")).status()).toBe(403);
  await row.getByRole("button", { name: `Revoke… ${name}` }).click();
  await page.getByRole("dialog", { name: "Are you sure?" }).getByRole("button", { name: "Revoke the key" }).click();
  await expect(row).toContainText("Revoked");
  await expect(row.getByRole("button")).toHaveCount(0);
  expect((await call("stock?limit=1")).status()).toBe(401);
});

test("a publishable key is kept to the shop's origins", async ({ owner: page }) => {
  const name = `Shop ${Date.now()}`;
  await open(page, "/settings/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a key" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("radio", { name: /^Publishable/ }).check();
  await dialog.getByLabel("Allowed origins").fill("https://shop.example.com\nshop.example.com/cart");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByRole("alert")).toContainText("'shop.example.com/cart' is not an origin");
  await dialog.getByLabel("Allowed origins").fill("https://shop.example.com/\nhttp://localhost:8080");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const shown = page.getByRole("dialog", { name: "Shown this once" });
  await expect(shown.locator("code")).toHaveText(/^pk_/);
  await shown.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: new RegExp(name) });
  await expect(row).toContainText("https://shop.example.com, http://localhost:8080");
});

test("a person chooses a password of their own", async ({ owner: page, browser }) => {
  const email = `own.${Date.now()}@example.com`;
  await open(page, "/settings/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog", { name: "A person" });
  await dialog.getByLabel("Name").fill("Olu Own");
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("button", { name: "Add the person" }).click();
  const first = await page.getByRole("dialog", { name: "Shown this once" }).locator("code").innerText();
  const theirs = await signInAs(browser, email, first);
  await open(theirs, "/settings");
  await theirs.getByLabel("The one you have").fill("guessed it");
  await theirs.getByLabel("A new one").fill("a password of my own");
  await theirs.getByRole("button", { name: "Change the password" }).click();
  await expect(theirs.getByRole("alert").filter({ hasText: "not your password" })).toBeVisible();
  await theirs.getByLabel("The one you have").fill(first);
  await theirs.getByRole("button", { name: "Change the password" }).click();
  await expect(theirs.locator(".toast")).toContainText("Password changed");
  // This browser stays signed in.
  await open(theirs, "/orders");
  const again = await signInAs(browser, email, "a password of my own");
  await alive(again);
  await theirs.context().close();
  await again.context().close();
});
