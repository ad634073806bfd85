/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link - what stands before IP: link layers, tags, PPP, MPLS; private to packet.c.
 *
 *     enum layer next = link_first(frame->link);
 *     while (next < LAYERS_OF_LINKS)
 *         next = link_read(&walk, next);
 */
#ifndef INGEST_LINK_H
#define INGEST_LINK_H

#include "ingest/walk.h"

/* The first layer of a link type; LAYER_END when it is not known. */
enum layer link_first(unsigned link);

/* One of the layers before LAYERS_OF_LINKS. */
enum layer link_read(struct walk *w, enum layer layer);

#endif
