/*
 * What may wait in a program that does not wait itself: for a reader, a disk, a broker, a database or
 * a command. What comes beyond that is dropped and counted. Manual pages and messages name both.
 */
#ifndef BASE_QUEUE_LIMITS_H
#define BASE_QUEUE_LIMITS_H

enum { QUEUE_RECORDS = 10000, QUEUE_BYTES = 16 << 20 };

#endif
