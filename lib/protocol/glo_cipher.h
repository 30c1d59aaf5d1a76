/*
 * The expanded key of a glo_key: the block cipher's schedule and the hash table are kept from one
 * APDU to the next. Internal to glo.c and glo_keyring.c.
 */
#ifndef PROTOCOL_GLO_CIPHER_H
#define PROTOCOL_GLO_CIPHER_H

#include <nettle/gcm.h>
#include <stddef.h>
#include <stdint.h>

struct glo_cipher {
	struct gcm_aes128_ctx gcm;
};

/* Counter mode alone, for APDUs without a tag. */
void glo_cipher_stream(const struct glo_cipher *cipher, const uint8_t nonce[GCM_IV_SIZE],
                       uint8_t *out, const uint8_t *in, size_t n);

#endif
