"""The shells of the steps, in the order that data passes: profiles and lists, items, tops, learner, batch lists."""
