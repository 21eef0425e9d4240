<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;

class ForgetCarts extends Command
{
    protected $signature = 'carts:forget {--all}';

    public function handle()
    {
        Cart::where('expired', true)->delete();
    }
}
