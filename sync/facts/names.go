package facts

// NoPlaceValue is the name under which the store keeps, as a JSON list, the mapped cloud
// attributes that the provider had no place for when it was last asked.
const NoPlaceValue = "cloud-no-place"
