function handler(event) { var depth = 0; function make() { return { get next() { depth++; return make(); } }; } return make(); }
