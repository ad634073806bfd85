// SPDX-License-Identifier: GPL-3.0-or-later
// reports.mjs CHROMIUM OUTDIR REPORT...: each page opens without a console error or a request, every
// figure is there with alternative text, tables sort and copy, nothing overflows at 360 and
// 1280 pixels and on A4 and Letter, text has the contrast of WCAG AA in light and dark, and all
// of it is there without scripts. Screenshots go to OUTDIR.
import { chromium } from 'playwright-core';
import path from 'node:path';

const [program, out, ...pages] = process.argv.slice(2);
let faults = 0;
const fault = (...words) => { faults++; console.log('FAULT', ...words); };

// Elements that are wider than the page and do not scroll in a box of their own.
const overflow = () => [...document.querySelectorAll('body *')].filter((e) =>
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
  !e.closest('.scroll, figure, pre')).map((e) => e.outerHTML.slice(0, 90)).slice(0, 3);

// Ratios below 4.5 of the text of one element of each class and tag.
const contrast = () => {
  const rgb = (s) => s.match(/[\d.]+/g).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const seen = new Set(), bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const mark = e.tagName + '.' + e.className + getComputedStyle(e).color;
    if (e.closest('svg, script') || !e.textContent.trim() || seen.has(mark)) continue;
    seen.add(mark);
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(`${mark} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return bad;
};

// Colours of a figure, as the page turns them for dark screens: text below 4.5, and strokes and
// fills below 3 that mean something. Grids, silences (they have an edge) and bands (they have
// two) are paler on purpose.
const marks = () => {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const rgb = (s) => s.match(/[\d.]+/g).slice(0, 3).map((v) => Number(v) / 255);
  const turn = (c) => {
    const [r, g, b] = c.map((v) => 0.92 - 0.84 * v); // invert(.92), then hue-rotate(180deg)
    return [-0.574 * r + 1.43 * g + 0.144 * b, 0.426 * r + 0.43 * g + 0.144 * b,
      0.426 * r + 1.43 * g - 0.856 * b].map((v) => Math.min(1, Math.max(0, v)));
  };
  const light = (c) => c.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = light(rgb(getComputedStyle(document.body).backgroundColor));
  const pale = ['rgb(221, 221, 221)', 'rgb(222, 222, 222)'], found = new Map();
  for (const e of document.querySelectorAll('figure svg *')) {
    if (e.closest('defs')) continue;
    const style = getComputedStyle(e);
    for (const [key, least] of [['fill', e.closest('text') ? 4.5 : 3], ['stroke', 3]]) {
      const colour = style[key];
      if (!colour.startsWith('rgb') || /rgba/.test(colour) || pale.includes(colour)) continue;
      if (Number(style.fillOpacity) < 1 && key === 'fill') continue;
      if (!['path', 'text', 'tspan', 'use', 'circle', 'polygon', 'rect'].includes(e.tagName)) continue;
      found.set(`${key} ${colour}`, Math.max(least, found.get(`${key} ${colour}`) ?? 0));
    }
  }
  const bad = [];
  for (const [what, least] of found) {
    const own = light(dark ? turn(rgb(what)) : rgb(what));
    const ratio = (Math.max(own, paper) + 0.05) / (Math.min(own, paper) + 0.05);
    if (ratio < least && ratio > 1.02) bad.push(`${what} ${ratio.toFixed(2)} of ${least}`);
  }
  return bad;
};

const sorting = () => {
  const number = (s) => parseFloat(s.replace(/,/g, ''));
  for (const table of document.querySelectorAll('.scroll>table')) {
    const heads = [...table.querySelectorAll('thead th')];
    const column = heads.findIndex((h) => h.className === 'n');
    const cells = () => [...table.tBodies[0].rows].map((r) => number(r.cells[column].textContent))
      .filter((v) => !Number.isNaN(v));
    if (column < 0 || new Set(cells()).size < 3) continue;
    const button = heads[column].querySelector('button');
    const ordered = (sign) => cells().every((v, i, all) => i === 0 || sign * (v - all[i - 1]) >= 0);
    button.click();
    if (!ordered(1) || heads[column].getAttribute('aria-sort') !== 'ascending') return 'not ascending';
    button.click();
    return ordered(-1) ? '' : 'not descending';
  }
  return 'no table to sort';
};

async function check(browser, file) {
  const name = path.basename(path.dirname(path.resolve(file)));
  const url = 'file://' + path.resolve(file);
  const page = await browser.newPage();
  page.on('console', (m) => { if (m.type() === 'error') fault(name, 'console:', m.text()); });
  page.on('pageerror', (e) => fault(name, 'script:', e.message));
  page.on('request', (r) => { if (r.url() !== url) fault(name, 'asks for', r.url().slice(0, 90)); });
  page.on('dialog', (d) => { fault(name, 'dialog:', d.message()); d.dismiss(); });
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(url);
      for (const e of await page.evaluate(overflow)) fault(name, width, 'overflows:', e);
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
        fault(name, width, 'the page scrolls sideways');
      await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png` });
    }
    for (const e of await page.evaluate(contrast)) fault(name, scheme, 'contrast:', e);
    for (const e of await page.evaluate(marks)) fault(name, scheme, 'figure:', e);
    const last = page.locator('figure').last();
    await last.screenshot({ path: `${out}/${name}-${scheme}-figure.png` });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const figures = await page.evaluate(() => [...document.querySelectorAll('figure')].map((f) =>
    [f.querySelector('svg[role=img]')?.getAttribute('aria-label') ?? '',
     f.querySelector('svg')?.getBoundingClientRect().height ?? 0]));
  for (const [alt, height] of figures)
    if (alt.length < 20 || height < 50) fault(name, 'figure without', alt ? 'a picture' : 'words');
  const wrong = await page.evaluate(sorting);
  if (wrong) fault(name, 'sorting:', wrong);
  await page.locator('.copy').first().click();
  if ((await page.locator('.copy').first().textContent()) !== 'Copied') fault(name, 'copying');
  await page.keyboard.press('Tab');
  if (await page.evaluate(() => document.activeElement === document.body)) fault(name, 'keyboard');
  for (const [format, width] of [['A4', 687], ['Letter', 710]]) { // less margins, CSS pixels
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width, height: 1000 });
    for (const e of await page.evaluate(() => [...document.querySelectorAll('body *')].filter((e) =>
      e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('svg'))
      .map((e) => e.outerHTML.slice(0, 120)).slice(0, 3))) fault(name, format, 'overflows:', e);
    await page.pdf({ path: `${out}/${name}-${format}.pdf`, format, preferCSSPageSize: false });
  }
  await page.close();
  const bare = await browser.newContext({ javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto(url);
  if (await still.locator('.copy').count()) fault(name, 'buttons without a script');
  if ((await still.locator('figure svg').count()) !== figures.length) fault(name, 'no figures without scripts');
  await bare.close();
  console.log(`${name}: ${figures.length} figures`);
}

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
for (const file of pages) await check(browser, file);
await browser.close();
console.log(faults ? `${faults} faults` : 'no fault');
process.exit(faults ? 1 : 0);
