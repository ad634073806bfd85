/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backend for browsers and printers: one file, nothing fetched; a script of its own sorts
 * and copies tables, and without it everything is there. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/escape.h"
#include "report/value.h"

static const char css_screen[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c2126;--soft:#56606a;--rule:#d5dae0;"
    "--shade:#f4f6f8;--good:#0a558c;--bad:#9a3c00;--open:#5b5b00;--mark:#fff3d6}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#14181c;--ink:#e4e8ec;--soft:#a3adb7;"
    "--rule:#38414a;--shade:#1d2329;--good:#7cc4f2;--bad:#ffab7a;--open:#d9cf6b;--mark:#3a2f12}"
    "\nfigure svg{filter:invert(.92) hue-rotate(180deg)}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.5 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
    "main{max-width:60rem;margin:0 auto;padding:1rem 1.25rem 4rem}\n"
    "h1,h2,h3,p,li,td,th,figcaption,caption,code,pre{overflow-wrap:anywhere}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:1.5rem 0 .5rem}\n"
    "h2{font-size:1.25rem;line-height:1.3;margin:2.2rem 0 .5rem;padding-top:.9rem;"
    "border-top:1px solid var(--rule)}\n"
    "h3{font-size:1.02rem;margin:1.6rem 0 .3rem}\n"
    "p{margin:.5rem 0;max-width:46rem}\n"
    ".page+.page{margin-top:4rem;border-top:4px double var(--rule)}\n"
    ".simulated{position:sticky;top:0;z-index:1;background:var(--mark);color:var(--ink);"
    "border-bottom:2px solid var(--open);padding:.35rem "
    "1.25rem;font-weight:600;text-align:center}"
    "\n.badge{display:inline-block;font-size:.85rem;line-height:1.3;font-weight:700;"
    "padding:.1rem .6rem;border:2px solid;border-radius:1rem;margin-left:.5rem;"
    "vertical-align:middle}\n"
    ".badge.good,.list.good{color:var(--good)}.badge.bad,.list.bad{color:var(--bad)}"
    ".badge.open{color:var(--open)}\n"
    ".answer{font-size:1.1rem;font-weight:600;border-left:4px solid var(--ink);"
    "padding:.1rem 0 .1rem .8rem}\n"
    "blockquote{margin:.5rem 0;padding-left:.8rem;border-left:4px solid var(--rule);"
    "font-style:italic;unicode-bidi:isolate;overflow-wrap:anywhere}\n"
    ".note,caption,figcaption{color:var(--soft);font-size:.9rem}\n"
    ".scroll{overflow-x:auto;margin:.7rem 0}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;"
    "min-width:min(100%,20rem)}\n"
    "caption{text-align:left;padding:.2rem 0;font-weight:600}\n"
    "th,td{padding:.28rem 1.1rem .28rem 0;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--rule);unicode-bidi:isolate;min-width:3.2rem}\n"
    "td:first-child{min-width:8rem}\n"
    "th{border-bottom:2px solid "
    "var(--rule);font-weight:600;overflow-wrap:normal;vertical-align:bottom}\n"
    ""
    ".n{text-align:right}td.n,td.w{overflow-wrap:normal}td.k{white-space:nowrap}\n"
    "tr.good>td:nth-child(2),tr.bad>td:nth-child(2),tr.open>td:nth-child(2){font-weight:600;"
    "white-space:nowrap}\n"
    "tr.good>td:nth-child(2){color:var(--good)}tr.bad>td:nth-child(2){color:var(--bad)}"
    "tr.open>td:nth-child(2){color:var(--open)}\n"
    "ul{margin:.2rem 0 .8rem;padding-left:1.2rem}li{margin:.2rem 0;max-width:46rem}\n"
    ".list{margin:1rem 0 0;font-weight:600}\n"
    "code{font:.8rem ui-monospace,Consolas,monospace;color:var(--soft)}\n"
    "pre{background:var(--shade);padding:.8rem;overflow-x:auto;white-space:pre-wrap;"
    "font:.82rem/1.45 ui-monospace,Consolas,monospace}\n"
    "figure{margin:1rem 0;overflow-x:auto}\n"
    "figure svg{display:block;width:100%;max-width:45rem;min-width:30rem;height:auto}\n"
    "figcaption{max-width:46rem;padding-top:.2rem}figcaption b{color:var(--ink)}\n"
    "footer{color:var(--soft);font-size:.85rem;margin-top:3rem;border-top:1px solid "
    "var(--rule);"
    "padding-top:.6rem}\n"
    "/* Narrow: a row becomes a card, each cell under its column's name. */\n"
    "@media screen and (max-width:44rem){main{padding:.5rem .8rem 2rem}h1{font-size:1.4rem}"
    ".scroll>table,.scroll tbody,.scroll tr,.scroll td,.scroll caption{display:block}"
    ".scroll thead{display:none}.scroll td,.scroll td:first-child{border:0;padding:.1rem 0;"
    "min-width:0;white-space:normal;text-align:left}"
    ".scroll td:first-child{font-weight:600}.scroll td:empty{display:none}"
    ".scroll tr{border-top:1px solid var(--rule);padding:.4rem 0}"
    ".scroll td+td::before{content:attr(data-c) \": \";color:var(--soft);font-weight:400}}\n";

/* What the script adds. */
static const char css_buttons[] =
    "th "
    "button{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:inherit;"
    "cursor:pointer}th button:hover{text-decoration:underline}"
    "th[aria-sort=ascending] button::after{content:' \\25B2'}"
    "th[aria-sort=descending] button::after{content:' \\25BC'}"
    ".copy{float:right;font-size:.8rem;color:var(--soft);background:var(--paper);"
    "border:1px solid var(--rule);border-radius:.3rem;padding:.15rem .5rem;cursor:pointer}"
    ".scroll{clear:right}button:focus-visible,[tabindex]:focus-visible{outline:3px solid "
    "var(--good);outline-offset:1px}\n";

static const char css_print[] =
    "@media print{@page{margin:12mm 14mm}:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;"
    "--shade:#f4f4f4;--good:#0a558c;--bad:#9a3c00;--open:#5b5b00;--mark:#fff}\n"
    "html{font-size:8.8pt}body{line-height:1.32}main{max-width:none;padding:0}h1{font-size:"
    "15pt;"
    "margin-top:0}h2{margin-top:1.3rem}ul{margin-bottom:.4rem}.list{margin-top:.5rem}"
    "h2{font-size:12pt}\n"
    "/* Ten columns and a note with an address in it must fit a page of A4. */\n"
    "th,td{padding-right:.7rem}td.w:last-child{overflow-wrap:anywhere}\n"
    ".copy{display:none}p,li,figcaption{max-width:none}.scroll,figure{overflow:visible}\n"
    "figure svg{filter:none;min-width:0;max-width:165mm}\n"
    ".page+.page{break-before:page;border:0;margin:0}\n"
    "h1,h2,h3,h2+p,caption,.list{break-after:avoid}tr,figure,li,"
    "blockquote{break-inside:avoid}\n"
    ".simulated{position:fixed;top:0;left:0;right:0;padding:0 0 1mm}"
    ".frame{width:100%;table-layout:fixed}.frame>thead>tr>td{height:9mm}}\n"
    "@media not print{.frame,.frame>tbody,.frame>tbody>tr,.frame>tbody>tr>td{display:block}"
    ".frame>thead{display:none}}\n"
    ".frame,.frame>*>tr>td{border:0;padding:0;font:inherit;min-width:0}\n";

/* Tables sort by their heads and copy as tab-separated text. The page says all without it; the
 * policy lets this script run and no other, by its hash (tests/cli/report-renders-*.sh). */
static const char script[] =
    "'use strict';\n"
    "function key(s){var m=/^-?[\\d,]*\\.?\\d+(?:e(-?\\d+))?/.exec(s);\n"
    "if(!m)return s.trim()?s.toLowerCase():null;\n"
    "var v=parseFloat(m[0].replace(/,/g,''));return v===0&&m[1]?1e-308/-Number(m[1]):v}\n"
    "function order(a,b){if(a===b)return 0;if(a===null)return 1;if(b===null)return -1;\n"
    "return typeof a===typeof b?(a<b?-1:1):typeof a==='number'?-1:1}\n"
    "function sort(table,column,head){var up=head.getAttribute('aria-sort')!=='ascending';\n"
    "table.querySelectorAll('th').forEach(function(h){h.removeAttribute('aria-sort')});\n"
    "head.setAttribute('aria-sort',up?'ascending':'descending');\n"
    "var body=table.tBodies[0],rows=Array.from(body.rows).map(function(r){\n"
    "return [key(r.cells[column].textContent),r]});\n"
    "rows.sort(function(a,b){if(a[0]===null||b[0]===null)return order(a[0],b[0]);\n"
    "return up?order(a[0],b[0]):order(b[0],a[0])});\n"
    "rows.forEach(function(r){body.appendChild(r[1])})}\n"
    "function copy(table,button){var text=Array.from(table.rows).map(function(r){\n"
    "return Array.from(r.cells).map(function(c){var t=c.textContent.replace(/\\s+/g,' ');\n"
    "return /^[=+@]/.test(t)||/^-[^\\d]/.test(t)?\"'\"+t:t}).join('\\t')}).join('\\n');\n"
    "var area=document.createElement('textarea');area.value=text;\n"
    "document.body.appendChild(area);area.select();var "
    "done=document.execCommand('copy');area.remove();\n"
    "button.focus();button.textContent=done?'Copied':'Could not copy'}\n"
    "document.querySelectorAll('.scroll>table').forEach(function(table){\n"
    "table.querySelectorAll('thead th').forEach(function(head,column){\n"
    "var "
    "button=document.createElement('button');button.type='button';button.textContent=head."
    "textContent;\n"
    "head.textContent='';head.appendChild(button);\n"
    "button.addEventListener('click',function(){sort(table,column,head)})});\n"
    "var "
    "button=document.createElement('button');button.type='button';button.className='copy';\n"
    "button.textContent='Copy table';\n"
    "button.addEventListener('click',function(){copy(table,button)});\n"
    "table.parentNode.parentNode.insertBefore(button,table.parentNode)});\n";
static const char script_sha256[] = "jvJnWfGvqymdIfH0y99bCrSCU3WHAwNpM6GvUtQA0Gc=";

/* In print the banner is fixed and so stands on every page; a table's head that
 * repeats keeps room for it. */
static const char frame_open[] = "<table class=\"frame\" role=\"presentation\"><thead><tr><td>"
                                 "</td></tr></thead><tbody><tr><td>\n";
static const char frame_close[] = "</td></tr></tbody></table>\n";

struct html_own {
    size_t pages, figures;
};

static const char *tone_class(enum tone tone)
{
    static const char *const names[] = {"", "good", "bad", "open"};
    return names[tone];
}

/* <tag class="...">text</tag> */
static void element(FILE *out, const char *tag, const char *class, const char *s)
{
    fprintf(out, *class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    escape_html(out, s);
    fprintf(out, "</%s>\n", tag);
}

static void html_begin(struct doc *d, const char *title)
{
    d->own = mem_zero(1, sizeof(struct html_own));
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-",
          d->out);
    fprintf(d->out, "%s'\">\n<title>", script_sha256);
    escape_html(d->out, title);
    fprintf(d->out, " - verdict sheet</title>\n<style>\n%s%s%s</style>\n</head>\n<body>\n",
            css_screen, css_buttons, css_print);
    if (d->simulated) {
        fputs("<div class=\"simulated\" role=\"note\">Simulated: ", d->out);
        escape_html(d->out, d->simulated);
        fputs("</div>\n", d->out);
    }
    fprintf(d->out, "<main>\n%s", d->simulated ? frame_open : "");
}

static void html_end(struct doc *d)
{
    const struct html_own *own = d->own;
    fprintf(d->out, "%s%s</main>\n<script>%s</script>\n</body>\n</html>\n",
            own->pages ? "</section>\n" : "", d->simulated ? frame_close : "", script);
    free(d->own);
}

static void html_heading(struct doc *d, int level, const char *s, const char *badge,
                         enum tone tone)
{
    struct html_own *own = d->own;
    if (level == 1)
        fprintf(d->out, "%s<section class=\"page\">\n", own->pages++ ? "</section>\n" : "");
    fprintf(d->out, "<h%d>", level);
    escape_html(d->out, s);
    if (badge) {
        fprintf(d->out, " <span class=\"badge %s\">", tone_class(tone));
        escape_html(d->out, badge);
        fputs("</span>", d->out);
    }
    fprintf(d->out, "</h%d>\n", level);
}

static void html_para(struct doc *d, enum para style, const char *s)
{
    if (style == PARA_QUOTE) {
        fputs("<blockquote>\u201c", d->out);
        escape_html(d->out, s);
        fputs("\u201d</blockquote>\n", d->out);
    } else {
        element(d->out, "p",
                style == PARA_ANSWER ? "answer"
                : style == PARA_NOTE ? "note"
                                     : "",
                s);
    }
}

static void html_list_begin(struct doc *d, const char *title, enum tone tone)
{
    fprintf(d->out, "<p class=\"list %s\">", tone_class(tone));
    escape_html(d->out, title);
    fputs("</p>\n<ul>\n", d->out);
}

static void html_item(struct doc *d, const char *s, const char *pointer)
{
    fputs("<li>", d->out);
    escape_html(d->out, s);
    if (pointer) {
        fputc(' ', d->out);
        element(d->out, "code", "", pointer);
    }
    fputs("</li>\n", d->out);
}

static void html_cited(struct doc *d, const char *s, const char *cite)
{
    fputs("<li>", d->out);
    escape_html(d->out, s);
    if (*cite) {
        fputs(" [", d->out);
        element(d->out, "cite", "", cite);
        fputc(']', d->out);
    }
    fputs("</li>\n", d->out);
}

static void html_list_end(struct doc *d)
{
    fputs("</ul>\n", d->out);
}

static void html_table_begin(struct doc *d, const char *caption, const char *const *columns)
{
    fputs("<div class=\"scroll\" tabindex=\"0\"><table>\n", d->out);
    if (*caption)
        element(d->out, "caption", "", caption);
    fputs("<thead><tr>", d->out);
    for (size_t c = 0; c < d->ncolumns; c++) {
        int number = columns[c][0] == '#';
        fprintf(d->out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
        escape_html(d->out, columns[c] + number);
        fputs("</th>", d->out);
    }
    fputs("</tr></thead>\n<tbody>\n", d->out);
}

/* How a cell may break: an address read over two lines is another address, but a name can be
 * longer than a page is wide. */
static const char *cell_class(bool number, const char *text)
{
    enum { WHOLE = 39 }; /* the longest address */
    if (number)          /* "5.6e-6" must not break at its hyphen */
        return strchr(text, ' ') ? " class=\"n\"" : " class=\"n k\"";
    while (strcspn(text, " ") <= WHOLE) {
        text += strcspn(text, " ");
        text += strspn(text, " ");
        if (!*text)
            return " class=\"w\"";
    }
    return "";
}

static void html_row(struct doc *d, enum tone tone, const char *const *cells)
{
    fprintf(d->out, tone ? "<tr class=\"%s\">" : "<tr>", tone_class(tone));
    for (size_t c = 0; c < d->ncolumns; c++) {
        int number = d->columns[c][0] == '#';
        const char *text = cells[c] ? cells[c] : "";
        fprintf(d->out, "<td%s data-c=\"", cell_class(number, text));
        escape_html(d->out, d->columns[c] + number);
        fputs("\">", d->out);
        escape_html(d->out, text);
        fputs("</td>", d->out);
    }
    fputs("</tr>\n", d->out);
}

static void html_table_end(struct doc *d)
{
    fputs("</tbody></table></div>\n", d->out);
}

/* Copy an SVG that shares the page with others: gnuplot gives the same ids in
 * each, so each id and each use of one gets the number of the figure. */
static void put_svg(FILE *out, const char *svg, size_t number)
{
    static const char *const marks[] = {"id='", "id=\"", "href='#", "href=\"#", "url(#"};
    while (*svg) {
        size_t n = 0;
        for (size_t m = 0; m < sizeof marks / sizeof *marks && !n; m++)
            if (strncmp(svg, marks[m], strlen(marks[m])) == 0)
                n = strlen(marks[m]);
        fwrite(svg, 1, n ? n : 1, out);
        if (n)
            fprintf(out, "f%zu-", number);
        svg += n ? n : 1;
    }
}

static void html_figure(struct doc *d, const struct figure *f)
{
    struct html_own *own = d->own;
    const char *svg = f->svg ? strstr(f->svg, "<svg") : NULL;
    fputs("<figure tabindex=\"0\">\n", d->out);
    if (svg) {
        fputs("<svg role=\"img\" aria-label=\"", d->out);
        escape_html(d->out, value_text(f->plot, "alt"));
        fputc('"', d->out);
        put_svg(d->out, svg + 4, ++own->figures);
        fputc('\n', d->out);
    }
    fputs("<figcaption><b>", d->out);
    escape_html(d->out, value_text(f->plot, "title"));
    fputs("</b>. ", d->out);
    escape_html(d->out, value_text(f->plot, "alt"));
    fprintf(d->out,
            "%s Numbers and script: <code>figures/%s.tsv</code>, <code>.gp</code>"
            "</figcaption>\n</figure>\n",
            svg ? "" : " (Not drawn: see the note on figures below.)", f->name);
}

static void html_pre(struct doc *d, const char *s)
{
    fputs("<pre>", d->out);
    escape_pre(d->out, s);
    fputs("</pre>\n", d->out);
}

const struct doc_ops doc_html = {
    .begin = html_begin,
    .end = html_end,
    .heading = html_heading,
    .para = html_para,
    .list_begin = html_list_begin,
    .item = html_item,
    .cited = html_cited,
    .list_end = html_list_end,
    .row = html_row,
    .table_begin = html_table_begin,
    .table_end = html_table_end,
    .figure = html_figure,
    .pre = html_pre,
};
