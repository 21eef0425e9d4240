<?php

class OrderService
{
    public function pay(Order $order): void
    {
        DB::transaction(function () use ($order) {
            $order->save();
            SendReceipt::dispatch($order)->afterCommit();
            Recount::dispatch($order);
        });
    }
}

class SendReceipt implements ShouldQueue
{
}

class Recount
{
}
