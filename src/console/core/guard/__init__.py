"""What in a text must not leave the box: found by form, in linear time, never repeated."""
