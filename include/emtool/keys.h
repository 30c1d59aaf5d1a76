/*
 * Keys of meters that encrypt (general-glo-ciphering with AES-128-GCM, DLMS UA Green Book 9.2.7;
 * the P1 ports of Luxembourg and Austria and most M-Bus pushes use it), and the last frame counter
 * of each meter. All decoders that share the keys refuse a message as a replay if its counter does
 * not rise.
 *
 * The caller owns the keys and frees them after all decoders that use them. Decoders that share keys
 * belong to one thread. Keys are wiped from memory when they are freed.
 */
#ifndef EMTOOL_KEYS_H
#define EMTOOL_KEYS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EMTOOL_KEY_SIZE 16
#define EMTOOL_TITLE_SIZE 8 /* a meter's system title */

struct emtool_keys;

/* NULL when memory is out. */
struct emtool_keys *emtool_keys_new(void);

/*
 * Adds a key of EMTOOL_KEY_SIZE bytes. `title` has EMTOOL_TITLE_SIZE bytes, NULL means any meter;
 * `authentication` has EMTOOL_KEY_SIZE bytes, NULL means that tags are not verified. 0 or
 * EMTOOL_NO_MEMORY.
 */
int emtool_keys_add(struct emtool_keys *keys, const uint8_t *title, const uint8_t *key,
                    const uint8_t *authentication);

/*
 * Adds the keys of a text: 32 hexadecimal digits, or lines `TITLE KEY [AUTHENTICATION]` in hexadecimal;
 * `#` begins a comment. 0, EMTOOL_NO_MEMORY, or EMTOOL_SYNTAX.
 */
int emtool_keys_parse(struct emtool_keys *keys, const char *text, size_t size);

/*
 * Rules for messages, both off by default: refuse messages whose tag cannot be verified; accept
 * replays.
 */
#define EMTOOL_KEYS_REQUIRE_AUTHENTICATION 1u
#define EMTOOL_KEYS_ACCEPT_REPLAY 2u

void emtool_keys_rules(struct emtool_keys *keys, unsigned rules);

/* NULL is allowed. */
void emtool_keys_free(struct emtool_keys *keys);

#ifdef __cplusplus
}
#endif

#endif
