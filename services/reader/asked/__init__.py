"""What a request asks for, checked: a wrong value is an error that names its field."""
