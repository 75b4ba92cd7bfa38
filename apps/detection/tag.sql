-- The tag of an event's element: how the last part of its selector begins (interactions.py, tag_of).
extract(splitByChar(' ', element)[-1], '^[^#:[]*')
