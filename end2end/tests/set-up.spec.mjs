// A new installation: an empty folder, and the link in the log.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alive, expect, test } from "./baton.mjs";

/** Starts `baton serve` in an empty folder; resolves with the link of its log. */
async function installed() {
  const folder = await mkdtemp(join(tmpdir(), "baton-set-up-"));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const env = { ...process.env, BATON_ADDRESS: `127.0.0.1:${port}` };
  const server = spawn(process.env.BATON, ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const link = new Promise((resolve, reject) => {
    const read = (part) => {
      log += part;
      const found = log.match(/create the merchant at (\S+\/setup\?token=\w+)/);
      if (found) resolve(found[1]);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => reject(new Error(`the server ended:\n${log}`)));
  });
  const end = async () => {
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
    await rm(folder, { recursive: true });
  };
  return { link: await link, end };
}

test("the link of the log leads from an empty folder to a merchant with its owner, signed in", async ({ page }) => {
  test.skip(!process.env.BATON, "the program is not there to start");
  const { link, end } = await installed();
  try {
    const { origin } = new URL(link);
    // Without the link nobody gets in, and nothing is there to sign in to.
    await page.goto(`${origin}/`);
    await expect(page).toHaveURL(/\/sign-in/);
    await page.goto(`${origin}/setup?token=guessed`);
    await expect(page.getByRole("heading", { name: "This link is not good" })).toBeVisible();

    await page.goto(link);
    await page.getByLabel("Merchant's name").fill("Tea House");
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByLabel("Your name").fill("Ana Lopez");
    await page.getByLabel("Your e-mail").fill("ana@example.com");
    await page.getByLabel("A password").fill("a long enough password");
    await page.getByLabel("Currency").fill("EUR");
    await page.getByRole("button", { name: "Create the merchant" }).click();
    await alive(page);
    await expect(page).toHaveURL(`${origin}/`);
    await expect(page.getByRole("banner")).toContainText("Tea House");
    await expect(page.getByRole("banner")).toContainText("Ana Lopez");
    await expect(page.getByText("Get the first order in")).toBeVisible();

    // The link is used up, and the owner can come back.
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "This link is not good" })).toBeVisible();
    await page.goto(`${origin}/`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("E-mail").fill("ana@example.com");
    await page.getByLabel("Password").fill("a long enough password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("banner")).toContainText("Tea House");
  } finally {
    // A page that stays asks the server that is gone for its events.
    await page.goto("about:blank");
    await end();
  }
});

test("what is entered wrongly is said, and can be entered again", async ({ page }) => {
  test.skip(!process.env.BATON, "the program is not there to start");
  const { link, end } = await installed();
  try {
    await page.goto(link);
    await page.getByLabel("Merchant's name").fill("Tea House");
    await page.getByLabel("Time zone").fill("Moon/Crater");
    await page.getByLabel("Your name").fill("Ana Lopez");
    await page.getByLabel("Your e-mail").fill("ana@example.com");
    await page.getByLabel("A password").fill("a long enough password");
    await page.getByRole("button", { name: "Create the merchant" }).click();
    await expect(page.getByRole("alert")).toContainText("'Moon/Crater' is not an IANA time zone");
    await page.getByLabel("Merchant's name").fill("Tea House");
    await page.getByLabel("Time zone").fill("UTC");
    await page.getByLabel("Your name").fill("Ana Lopez");
    await page.getByLabel("Your e-mail").fill("ana@example.com");
    await page.getByLabel("A password").fill("a long enough password");
    await page.getByRole("button", { name: "Create the merchant" }).click();
    await expect(page.getByRole("banner")).toContainText("Tea House");
  } finally {
    // A page that stays asks the server that is gone for its events.
    await page.goto("about:blank");
    await end();
  }
});
