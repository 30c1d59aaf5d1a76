/*
 * News for people: events that are no error of a call, such as a broker that went away or records
 * that were dropped. The library does not print; the program sets one listener. Threads of outputs
 * call it as well, so it must be safe for threads (one write(2) per line is).
 */
#ifndef BASE_NEWS_H
#define BASE_NEWS_H

enum news_level { NEWS_WARNING, NEWS_NOTE, NEWS_DETAIL };

typedef void news_listener(enum news_level level, const char *text);

/* Set it before any output is opened. NULL: news is discarded. */
void news_listen(news_listener *listener);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void news(enum news_level level, const char *format, ...);

#endif
