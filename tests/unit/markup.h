/*
 * Checks that a text is well-formed markup: every element is closed in order, attributes are quoted,
 * `&` only begins an entity. Tells in a few words what is wrong, or NULL.
 */
#ifndef TESTS_UNIT_MARKUP_H
#define TESTS_UNIT_MARKUP_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MARKUP_DEEP = 64 };

/* The end of the attributes of a tag: at '>' or '/'; NULL when one is not name="value". */
static inline const char *markup_attributes(const char *p)
{
	for (;;) {
		p += strspn(p, " \n\t");
		if (*p == '>' || *p == '/')
			return p;
		p += strcspn(p, "=<> \n");
		if (p[0] != '=' || p[1] != '"')
			return NULL;
		p += 2;
		p += strcspn(p, "\"<");
		if (*p++ != '"')
			return NULL;
	}
}

static inline const char *markup_fault(const char *text)
{
	static char words[160];
	const char *open[MARKUP_DEEP];
	size_t length[MARKUP_DEEP];
	int deep = 0;

	for (const char *p = text; *p; p++) {
		bool close = p[0] == '<' && p[1] == '/';
		const char *name = p + 1 + close, *end;

		snprintf(words, sizeof words, "at %.120s", p);
		if (*p == '&' && strncmp(p, "&amp;", 5) && strncmp(p, "&lt;", 4) &&
		    strncmp(p, "&gt;", 4) && strncmp(p, "&quot;", 6) && strncmp(p, "&#39;", 5))
			return words;
		if (*p != '<' || p[1] == '!')
			continue;
		end = name + strcspn(name, " />\n");
		if (close) {
			if (!deep || length[deep - 1] != (size_t)(end - name) ||
			    strncmp(open[deep - 1], name, length[deep - 1]) || *end != '>')
				return words;
			deep--;
			p = end;
			continue;
		}
		if (deep == MARKUP_DEEP || end == name)
			return words;
		open[deep] = name;
		length[deep++] = (size_t)(end - name);
		p = markup_attributes(end);
		if (!p)
			return words;
		if (*p == '/') {
			deep--;
			p++;
		}
		if (*p != '>')
			return words;
	}
	return deep ? "an element is not closed" : NULL;
}

static inline size_t markup_count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

/* Headings begin with h1 and never leave out a level. */
static inline bool markup_headings(const char *text)
{
	char last = '0';

	for (; (text = strstr(text, "<h")) != NULL; text += 2) {
		if (!isdigit((unsigned char)text[2]))
			continue;
		if (text[2] > last + 1 || (last != '0' && text[2] == '1'))
			return false;
		last = text[2];
	}
	return last != '0';
}

#endif
