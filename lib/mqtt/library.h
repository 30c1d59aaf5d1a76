/* The functions of libmosquitto that are used, and how they are opened. */
#ifndef MQTT_LIBRARY_H
#define MQTT_LIBRARY_H

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "host/library.h"

/* clang-format off */
#define MOSQUITTO_FUNCTIONS(X)                                                               \
	X(mosquitto_lib_init) X(mosquitto_new) X(mosquitto_destroy) X(mosquitto_int_option)  \
	X(mosquitto_threaded_set) X(mosquitto_username_pw_set) X(mosquitto_will_set)         \
	X(mosquitto_tls_set) X(mosquitto_tls_insecure_set) X(mosquitto_connect_bind_v5)      \
	X(mosquitto_disconnect) X(mosquitto_publish) X(mosquitto_subscribe)                  \
	X(mosquitto_socket) X(mosquitto_want_write) X(mosquitto_loop_read)                   \
	X(mosquitto_loop_write) X(mosquitto_loop_misc) X(mosquitto_max_inflight_messages_set) \
	X(mosquitto_connect_v5_callback_set) X(mosquitto_disconnect_callback_set)            \
	X(mosquitto_publish_v5_callback_set) X(mosquitto_message_callback_set)                  \
	X(mosquitto_subscribe_callback_set) X(mosquitto_strerror) X(mosquitto_connack_string) \
	X(mosquitto_log_callback_set) X(mosquitto_reason_string) X(mosquitto_property_add_int32)                           \
	X(mosquitto_property_free_all)
/* clang-format on */

struct mqtt_library {
	MOSQUITTO_FUNCTIONS(LIBRARY_POINTER)
};

/* Opens libmosquitto, once per process. */
int mqtt_library(const struct mqtt_library **out, char *problem, size_t size);

#endif
