# Recordings and devices for tests of databases. Load after helper.

# A recording of a minute per transaction, from minute FROM to minute TO; 1700000100 begins a slot.
minutes() {
	echo '# emtool recording 1'
	for i in $(seq "$1" "$2"); do
		echo "$((1700000100 + 60 * i)).500 < - 0103500A0002F5090103043FA16873C9E0"
	done
}

# The times of the rows where the slot changes in those minutes, but for the very first row.
slot_changes() {
	for i in $(seq 5 5 "$1"); do date -u -d "@$((1700000100 + 60 * i))" +"%F${2:-T}%T.500${3-Z}"; done
}

# wide N TYPE: a device with a model of N points of a register each, in image.csv and wide.json
wide() {
	python3 - "$1" "$2" <<-'PY'
	import json, sys
	n, kind = int(sys.argv[1]), sys.argv[2]
	points = [{"name": name, "type": "uint16", "size": 1} for name in ("ID", "L")]
	points += [{"name": f"P{i}", "type": kind, "size": 1} for i in range(n)]
	json.dump({"id": 64900, "group": {"name": "wide", "points": points}}, open("wide.json", "w"))
	print(f"40000,53756e53fd84{n:04x}" + "4142" * n + "ffff0000", file=open("image.csv", "w"))
	PY
}

# columns N [TYPE]: that many more for a list of columns
columns() {
	seq "$1" | sed "s/.*/, c& ${2-}/"
}
