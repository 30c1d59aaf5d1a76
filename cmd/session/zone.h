/*
 * The time zone of --zone, or of this machine. A zone is an offset as +01:00, a rule of POSIX as
 * CET-1CEST,M3.5.0,M10.5.0/3, or the name of a file of the system's database as Europe/Berlin.
 */
#ifndef CMD_SESSION_ZONE_H
#define CMD_SESSION_ZONE_H

#include "base/zone.h"

/* What Tab offers for --zone, beside these forms. */
#define ZONE_WORDS                                                                       \
	"UTC|Europe/Amsterdam|Europe/Berlin|Europe/Brussels|Europe/London|Europe/Paris|" \
	"Europe/Stockholm|Europe/Vienna|Europe/Zurich"

/*
 * text: NULL for the zone of this machine ($TZ, else /etc/localtime, else UTC). EXIT_OK, or EXIT_USAGE
 * after an error line.
 */
int zone_option(struct zone *zone, const char *text);

#endif
