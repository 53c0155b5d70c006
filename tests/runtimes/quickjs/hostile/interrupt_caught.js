function handler(event) { for (;;) { try { for (;;); } catch (error) {} finally { continue; } } }
