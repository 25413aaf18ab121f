/* message.c -- messages and the queues they wait in.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "message.h"

hobi_message *hobi_message_new(hobi_message_type type, hobi_refr *to, hob_value value,
                               hobi_refr *answer) {
    hobi_message *message = hobi_alloc(sizeof *message);
    if (message == NULL)
        return NULL;
    message->type = type;
    message->to = to;
    message->value = value;
    message->answer = answer;
    return message;
}

void hobi_queue_push(hobi_queue *queue, hobi_message *message) {
    message->next = NULL;
    if (queue->tail != NULL)
        queue->tail->next = message;
    else
        queue->head = message;
    queue->tail = message;
    queue->count++;
}

hobi_message *hobi_queue_pop(hobi_queue *queue) {
    hobi_message *message = queue->head;
    if (message == NULL)
        return NULL;
    queue->head = message->next;
    if (queue->head == NULL)
        queue->tail = NULL;
    queue->count--;
    message->next = NULL;
    return message;
}

void hobi_queue_cut(hobi_queue *queue, hobi_message *tail, size_t count) {
    if (tail == NULL)
        queue->head = NULL;
    else
        tail->next = NULL;
    queue->tail = tail;
    queue->count = count;
}
