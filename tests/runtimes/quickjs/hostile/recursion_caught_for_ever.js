function dive() { try { dive(); } catch (error) { dive(); } dive(); }
function handler(event) { dive(); }
