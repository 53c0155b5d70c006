function dive(n) { return dive(n + 1) + 1; }
function handler(event) { return dive(0); }
