/* The thread of an MQTT connection, for connection.c. */
#ifndef MQTT_THREAD_H
#define MQTT_THREAD_H

struct mqtt;

/* The thread's main function. */
void *mqtt_run(void *m);

/* Registers the thread's callbacks with the library. */
void mqtt_callbacks(struct mqtt *m);

#endif
