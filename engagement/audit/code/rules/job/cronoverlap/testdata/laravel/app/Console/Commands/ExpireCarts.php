<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;

class ExpireCarts extends Command
{
    protected $signature = 'carts:expire';

    public function handle()
    {
        $query = Cart::query()->whereNull('ordered_at')->where('updated_at', '<', now()->subDays(3));
        $this->info("Expiring {$query->count()} carts.");
        $query->update(['expired' => true]);
    }
}
