/* Words that Tab offers in several commands. */
#ifndef CMD_SESSION_OFFERS_H
#define CMD_SESSION_OFFERS_H

#include "cmd/session/options.h"

/* The schemes of a SOURCE, and the names of the meter maps. */
offer_function offer_sources, offer_meters;

/*
 * A name that is none of the offered ones, up to its `=` or `,`: prints "--OPTION: no KIND 'NAME'"
 * with the nearest of them, or with all. EXIT_USAGE.
 */
int say_not_offered(const char *option, const char *kind, const char *name, offer_function *offer);

#endif
