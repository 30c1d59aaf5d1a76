/* Words that Tab offers in several commands. */
#ifndef CMD_SESSION_OFFERS_H
#define CMD_SESSION_OFFERS_H

#include "cmd/session/options.h"

/* The schemes of a SOURCE, and the names of the meter maps. */
offer_function offer_sources, offer_meters;

#endif
