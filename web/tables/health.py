"""The lines of the page Health: names, how things are, what to do."""

from typing import Final

HEALTH: Final = (
    # names
    "policy of pages",
    "worker",
    "desk chores",
    "policy",
    "directory",
    "directory sync",
    "archive",
    "indexing",
    "chat search",
    "index",
    "index shards",
    "bus",
    "files",
    "partitions",
    "ledger",
    "clock",
    "realtime loop",
    # how things are
    "Confirmed, and in force.",
    "Not confirmed by this process.",
    "Says nothing yet.",
    "Runs on another machine.",
    "Says nothing since {moment}.",
    "Failing: {chores}; it tries again and again.",
    "Running.",
    "Number {number}, {hash}, confirmed.",
    "Not confirmed by the worker; nothing can be released or expire.",
    "No keys for {partitions}.",
    "Keys are made ahead.",
    "Entries signed: {sizes}.",
    "The worker's clock was set by {seconds} s at {moment}.",
    "Refuses {count} documents; every search says so.",
    "Can be kept, and read in the sandbox.",
    "{used} of the {limit} shards that the cluster may hold are in use.",
    "Was not done yet, so leavers keep their accounts.",
    "Stopped, nothing is changed. {why}",
    "Has {count} people as the directory has them.",
    "Nothing waits.",
    "{count} items are not archived yet, the oldest for {seconds} s.",
    "{count} items are archived, not indexed, the oldest for {seconds} s.",
    "{count} items cannot be found in the chat yet, the oldest for {seconds} s.",
    (
        "{connections} connections at {listens}; the loop stood still for {stall} ms at most in the last "
        "minute."
    ),
    "{count} partitions can be read and written by this process.",
    "{count} partitions can be read, not written, by this process.",
    "The index folder cannot be read: {why}",
    "The server takes no documents for {indexes}.",
    "The state of the indexes is {state}.",
    "Nothing was said yet.",
    "Answers.",
    "Does not answer ({why}).",
    # what to do
    "Run `chancery doctor`: it says whether the database or the policy's signature is at fault.",
    "Start it: `chancery serve`, or its unit. Its log says why it ended.",
    "Ask there: `chancery status`.",
    "Look for `chore failed` in its log: the error stands beside it.",
    "Look for `archiver` and `chore failed` in the worker's log; sending slows, then stops.",
    "See that the search engine answers and has room. Nothing is lost, and searches say so.",
    "Run `chancery keys rotate` where the desk runs, before the month turns.",
    "See that one time service sets the clock, and slowly: `chronyc tracking` or `timedatectl`.",
    "See that the search engine runs, can be reached from here, and that its disk has room.",
    "Look for `index_refused` in the worker's log and at the engine's, then `chancery index rebuild`.",
    "Messages with files wait until this is mended; nothing is lost. See settings `blobs.` and `s3.`.",
    (
        "Nothing is lost; people on different processes see each other half a second later, and nobody "
        "typing. See that the server runs, and that `bus.url` and its password are right."
    ),
    "Add a data node, remove indexes that nobody needs, or raise `cluster.max_shards_per_node`.",
    "Renew it in time: afterwards nobody can sign in by this server.",
    "Others answer, so people can sign in. See that this one runs and can be reached from here.",
    (
        "Nobody can sign in. Mend what it says; else see that the server runs, that a firewall lets "
        "this machine reach its port, and that `ldap.uris` and `ldap.ca_file` are right."
    ),
    "It runs by itself once a directory server answers.",
    "Look closer with `chancery directory sync --dry-run`; people who left stay until it is resolved.",
    "See what else takes the processor (`top`); share the people among more `realtime` processes.",
)
