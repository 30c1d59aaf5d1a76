/*
 * News for people that is no error of a call: a broker went away and came back, records were dropped.
 * The library does not print; the program sets one listener. Threads of outputs call it too, so the
 * listener must be able to stand that (one write(2) per line does).
 */
#ifndef BASE_NEWS_H
#define BASE_NEWS_H

enum news_level { NEWS_WARNING, NEWS_NOTE, NEWS_DETAIL };

typedef void news_listener(enum news_level level, const char *text);

/* NULL: nobody listens. Set it before any output is opened. */
void news_listen(news_listener *listener);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void news(enum news_level level, const char *format, ...);

#endif
