#!/usr/bin/env python3
"""Home Assistant's side of MQTT discovery, as far as its published rules go.

    homeassistant.py MESSAGES

MESSAGES holds lines `TOPIC PAYLOAD` as received: configurations and states mixed. Every configuration
must pass the rules of Home Assistant's device discovery and of its sensors (keys, device class with
unit and state class); every state is run through the templates as its MQTT sensor does it. Prints what
each sensor shows in the end, `UNIQUE_ID STATE`, and fails at the first thing Home Assistant would
refuse or complain about.

The rules: home-assistant.io/integrations/mqtt (device discovery), /sensor.mqtt, /sensor (classes).
"""
import json
import re
import sys

import jinja2

MEASUREMENT, TOTAL = "measurement", "total_increasing"
ENERGY = {"J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"}
VOLUME = {"m³", "ft³", "CCF", "L", "mL", "gal", "fl. oz."}
# device class: its units (None: without), its state classes
CLASSES = {
    "apparent_power": ({"VA", "kVA"}, {MEASUREMENT}),
    "current": ({"A", "mA"}, {MEASUREMENT}),
    "duration": ({"d", "h", "min", "s", "ms"}, {MEASUREMENT, "total", TOTAL}),
    "energy": (ENERGY, {"total", TOTAL}),
    "frequency": ({"Hz", "kHz", "MHz", "GHz"}, {MEASUREMENT}),
    "gas": ({"m³", "ft³", "CCF"}, {"total", TOTAL}),
    "power": ({"mW", "W", "kW", "MW", "GW", "TW"}, {MEASUREMENT}),
    "power_factor": ({"%", None}, {MEASUREMENT}),
    "reactive_energy": ({"varh", "kvarh"}, {"total", TOTAL}),
    "reactive_power": ({"var", "kvar"}, {MEASUREMENT}),
    "temperature": ({"°C", "°F", "K"}, {MEASUREMENT}),
    "voltage": ({"V", "mV", "µV", "kV", "MV"}, {MEASUREMENT}),
    "volume": (VOLUME, {"total", TOTAL}),
    "water": ({"m³", "ft³", "CCF", "gal", "L"}, {"total", TOTAL}),
}
# units that belong to a class: without it Home Assistant could not convert them
CLASSED = {unit for units, _ in CLASSES.values() for unit in units} - {"%", None}
ABBREVIATED = {"dev": "device", "o": "origin", "cmps": "components", "p": "platform",
               "ids": "identifiers", "sw": "sw_version"}
DEVICE_KEYS = {"identifiers", "name", "manufacturer", "model", "sw_version", "hw_version"}
TOP_KEYS = {"device", "origin", "components", "availability_topic", "qos", "state_topic"}
SENSOR_KEYS = {"platform", "unique_id", "name", "state_topic", "value_template", "device_class",
               "state_class", "unit_of_measurement", "entity_category"}


def need(truth, *words):
    if not truth:
        sys.exit("Home Assistant would not have it: " + " ".join(str(w) for w in words))


def long_names(thing):
    return {ABBREVIATED.get(key, key): value for key, value in thing.items()}


def topic_is_sound(topic):
    return isinstance(topic, str) and topic and not set(topic) & set("+#\0") and len(topic) < 65536


class Sensor:
    def __init__(self, config):
        need(set(config) <= SENSOR_KEYS, "unknown keys", config)
        need(config["platform"] == "sensor", config)
        need(re.fullmatch(r"[a-zA-Z0-9_]+", config["unique_id"]), "unique_id", config)
        need(config["name"] and topic_is_sound(config["state_topic"]), config)
        need(config.get("entity_category", "diagnostic") == "diagnostic", config)
        kind, unit, state_class = (config.get(k) for k in
                                   ("device_class", "unit_of_measurement", "state_class"))
        need(state_class in (None, MEASUREMENT, TOTAL), config)
        if kind is not None:
            need(kind in CLASSES, "unknown class", config)
            need(unit in CLASSES[kind][0], "unit does not fit", config)
            need(state_class in CLASSES[kind][1], "state class does not fit", config)
        need(kind or unit not in CLASSED, "a class is missing", config)
        self.config, self.number = config, bool(kind or unit or state_class)
        self.state = "unknown"
        # Home Assistant's environment: undefined values are logged when they are used
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        self.template = environment.from_string(config["value_template"])

    def message(self, payload):
        shown = self.template.render(value=payload, value_json=json.loads(payload), this=self).strip()
        if shown == "None":
            self.state = "unknown"
        elif not self.number:
            need(len(shown) <= 255, "state too long", self.config)
            self.state = shown
        elif shown:
            try:
                float(shown)
            except ValueError:
                need(False, "not a number:", repr(shown), self.config)
            self.state = shown


def sensors_of(topic, payload):
    need(re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic), "topic", topic)
    top = long_names(json.loads(payload))
    need(set(top) <= TOP_KEYS and {"device", "origin", "components"} <= set(top), "keys", list(top))
    device, origin = long_names(top["device"]), long_names(top["origin"])
    need(set(device) <= DEVICE_KEYS and device["identifiers"] and device["name"], device)
    need(set(origin) <= {"name", "sw_version", "support_url"} and origin["name"], origin)
    need(top.get("qos", 0) in (0, 1, 2), "qos")
    need(topic_is_sound(top.get("availability_topic", "x")), "availability")
    for key, component in top["components"].items():
        need(re.fullmatch(r"[a-zA-Z0-9_-]+", key), "component", key)
        yield Sensor(long_names(component))


def main():
    sensors, devices = {}, {}
    for line in open(sys.argv[1], encoding="utf-8"):
        topic, _, payload = line.rstrip("\n").partition(" ")
        if topic.endswith("/config"):
            known = devices.setdefault(topic, {})
            for sensor in sensors_of(topic, payload):
                name = sensor.config["unique_id"]
                need(sensors.get(name) in (None, known.get(name)), "unique_id twice", name)
                old = known.get(name)
                sensor.state = old.state if old else sensor.state
                sensors[name] = known[name] = sensor
        elif payload.startswith("{"):
            for sensor in sensors.values():
                if sensor.config["state_topic"] == topic:
                    sensor.message(payload)
    need(sensors, "no sensors")
    for name, sensor in sorted(sensors.items()):
        print(name, sensor.state)


main()
