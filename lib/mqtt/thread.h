/* The thread that keeps an MQTT connection, for mqtt.c. */
#ifndef MQTT_THREAD_H
#define MQTT_THREAD_H

struct mqtt;

/* The thread's main function. */
void *mqtt_run(void *m);

/* Registers the thread's callbacks with the library. */
void mqtt_callbacks(struct mqtt *m);

#endif
