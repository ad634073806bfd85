/* SPDX-License-Identifier: GPL-3.0-or-later
 * What Zeek calls the fields of dns.log, in TSV and in JSON. */
#ifndef INGEST_ZEEK_H
#define INGEST_ZEEK_H

#include "ingest/fields.h"

extern const struct fields_name zeek_names[];

#endif
