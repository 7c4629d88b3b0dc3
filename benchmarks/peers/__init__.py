"""The same work in the libraries that one would take otherwise. Standard library and theirs only: nothing of ours."""
