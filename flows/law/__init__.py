"""The law in the engine: duties and their ledgers, and the steps that the law opens beside the plan."""
