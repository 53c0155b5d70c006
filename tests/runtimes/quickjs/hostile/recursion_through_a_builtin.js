function dive() { return 'a'.replace(/a/, dive); }
function handler(event) { return dive(); }
