-- Steps of the playbook that were done for an incident.
CREATE TABLE step (
    incident INTEGER NOT NULL REFERENCES incident (number),
    id TEXT NOT NULL,
    done INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (incident, id)
) STRICT;
