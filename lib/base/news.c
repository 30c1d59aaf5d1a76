#include "base/news.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static news_listener *listening;

void news_listen(news_listener *listener)
{
	listening = listener;
}

void news(enum news_level level, const char *format, ...)
{
	va_list arguments;
	char text[512];

	if (!listening)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	listening(level, text);
}
