/* SPDX-License-Identifier: MIT */
/* budget.h - shares the module's memory between the tables of the applier */
#ifndef DFOTA_LIB_DELTA_BUDGET_H
#define DFOTA_LIB_DELTA_BUDGET_H

#include "lib/delta/plan.h"

/*
 * Sets how large the map and the learned table of the plan's prediction are,
 * for a module with `ram` bytes; all are 0 where nothing is foreseen, or where
 * there is hardly any room.
 */
void dfota_budget_tables(struct dfota_plan *plan, uint32_t ram);

/*
 * The slots that our own coding may have beside these tables; 0 when there is
 * too little room for it.
 */
uint32_t dfota_budget_slots(const struct dfota_plan *plan, uint32_t ram);

#endif
