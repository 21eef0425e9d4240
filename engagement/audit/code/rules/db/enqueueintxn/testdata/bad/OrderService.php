<?php

namespace App\Services;

use App\Jobs\SendReceipt;

class OrderService
{
    public function pay(Order $order): void
    {
        DB::transaction(function () use ($order) {
            $order->save();
            SendReceipt::dispatch($order); // want: db.enqueue-in-txn
        });
    }

    public function cancel(Order $order): void
    {
        DB::beginTransaction();
        $order->delete();
        dispatch(new SendReceipt($order)); // want: db.enqueue-in-txn
        DB::commit();
        SendReceipt::dispatch($order);
    }
}
