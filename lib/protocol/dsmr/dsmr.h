/*
 * Decodes P1 telegrams to records: DSMR 2.2 to 5, ESMR, eMUCS and their relatives from Luxembourg,
 * Sweden, Lithuania, Hungary, Austria, Switzerland and Germany. The decoder recognises the version
 * from the telegram. Every data line ends up in a named value, in `channels`, a log or a history,
 * or verbatim in `unknown` (codes and forms outside the vocabulary) or `errors` (damaged lines).
 *
 * A decoder remembers how the lines of a meter look, so that it reads the next telegram of the same
 * meter without any lookup. It belongs to one thread.
 */
#ifndef PROTOCOL_DSMR_DSMR_H
#define PROTOCOL_DSMR_DSMR_H

#include "frame/p1.h"
#include "record/record.h"

struct dsmr;

/* `gas_channel` 1..9 names the channel that `gas` is taken from; 0: the newest valid one. */
struct dsmr *dsmr_new(int gas_channel);
void dsmr_free(struct dsmr *decoder);

/*
 * Fills a record of type "p1". Texts are borrowed from the telegram or from the record's store.
 * 0 or EM_NO_MEMORY.
 */
int dsmr_decode(struct dsmr *decoder, const struct p1_telegram *telegram, struct record *record);

#endif
